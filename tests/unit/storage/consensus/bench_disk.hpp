// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/consensus/consensus_machine.hpp"

#include <cstdint>
#include <deque>

namespace agora {

/// What one member has on disk, and what is on the way there, in order.
class bench_disk {
public:
  vote_record vote;
  log_position base;
  configuration_at base_members;
  std::deque<entry_ptr> entries;
  /// Known to be committed at a restart.
  uint64_t commit = 0;
  std::deque<persist_order> under_way;

  uint64_t last_index() const {
    return base.index + entries.size();
  }

  /// Null if it is not there.
  entry_ptr find(uint64_t index) const;

  /// The oldest write is durable.
  /// @returns its ticket.
  uint64_t finish_one();

  void compact_to(uint64_t index);

  restored_member restore() const;
};

} // namespace agora
