// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/testing/random_source.hpp"
#include "storage/consensus/consensus_machine.hpp"
#include "tests/log_simulation/simulated_registers.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace agora::log_simulation {

using simulation::random_source;

/// A state machine at an index.
struct state_at {
  uint64_t index = 0;
  simulated_registers state;
};

/// One batch of a member's writes: all of it survives, or nothing.
struct disk_write {
  std::optional<persist_order> order;
  /// The state that order->install puts in place.
  std::optional<state_at> snapshot;
  /// The state as applied.
  std::optional<state_at> state;
  /// Entries up to here are removed; 0 for none.
  uint64_t compact_to = 0;
};

/// What a member has on disk, and what is on the way there, in order.
class simulated_log_disk {
public:
  /// A disk of a member that was never taken in.
  simulated_log_disk() = default;

  /// The disk of the one that founds a log.
  static simulated_log_disk founded(const configuration& members);

  void submit(disk_write what) {
    under_way_.push_back(std::move(what));
  }

  size_t under_way() const noexcept {
    return under_way_.size();
  }

  /// The oldest write is durable.
  disk_write finish_one();

  /// What is on the way is lost; but some of it, the oldest, may have got
  /// there.
  void crash(random_source& random);

  /// What a member finds at its start.
  restored_member restore() const;

  const state_at& state() const noexcept {
    return state_;
  }

  const log_position& base() const noexcept {
    return base_;
  }

  uint64_t last_index() const {
    return base_.index + entries_.size();
  }

  /// Null if it is not there.
  entry_ptr find(uint64_t index) const;

  /// Whether the entry is there, or was, and is in the state.
  bool holds(const log_position& position) const;

private:
  void apply(const disk_write& what);
  void apply(const persist_order& order, const disk_write& what);

  vote_record vote_;
  log_position base_;
  configuration_at base_members_;
  std::deque<entry_ptr> entries_;
  state_at state_;
  std::deque<disk_write> under_way_;
};

} // namespace agora::log_simulation
