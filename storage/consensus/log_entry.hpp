// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>

namespace agora {

/// What an entry of a log is for. The numbers are stored.
enum class entry_kind : uint8_t {
  /// A command of the log's owner.
  command = 0,
  /// Nothing: how a leader's term begins.
  no_op = 1,
  /// The members from here on; see storage/consensus/configuration.hpp.
  configuration = 2,
};

/// One entry of a replicated log. What a command's payload means is its
/// proposer's affair: type, version and time of the command are inside.
struct log_entry {
  /// Its place: from 1, without gaps.
  uint64_t index = 0;
  /// The term in which it was proposed.
  uint64_t term = 0;
  std::string payload;
  entry_kind kind = entry_kind::command;

  friend bool operator==(const log_entry&, const log_entry&) = default;
};

/// Entries do not change: the disk, the peers and the state share one.
using entry_ptr = std::shared_ptr<const log_entry>;

/// Where a log ends, or a part of it. Of two logs, the one with the later
/// position is more up to date (Raft, 5.4.1): terms count first.
struct log_position {
  uint64_t term = 0;
  uint64_t index = 0;

  friend auto operator<=>(const log_position&, const log_position&) = default;
};

} // namespace agora
