// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/testing/simulated_disk.hpp"
#include "actors/testing/world.hpp"
#include "storage/cluster/applied_entry.hpp"
#include "storage/cluster/cluster_state.hpp"
#include "storage/consensus/log_entry.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace agora::simulation {

/// Reads a master's log as it becomes durable, and folds it into a state of its
/// own: what the cluster knows, whether or not a master runs.
class log_follower {
public:
  /// An entry that was applied or rejected.
  using listener = std::function<void(
    const log_entry& raw, const cluster::Entry& entry, applied_entry& applied)>;

  /// @param disk Must outlive it. It takes the disk's on_durable.
  log_follower(world& sim, simulated_disk& disk, listener hears);
  log_follower(const log_follower&) = delete;
  log_follower& operator=(const log_follower&) = delete;

  /// The newest entry taken in.
  uint64_t index() const {
    return index_;
  }

  const cluster_state& state() const {
    return state_;
  }

private:
  void catch_up();
  void take(const log_entry& raw);
  void violated(const std::string& text);

  world& sim_;
  simulated_disk& disk_;
  listener hears_;
  std::string entry_space_;
  cluster_state state_;
  uint64_t index_ = 0;
};

} // namespace agora::simulation
