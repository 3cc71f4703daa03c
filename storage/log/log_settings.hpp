// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/consensus/consensus_settings.hpp"

#include <cstddef>
#include <cstdint>

namespace agora {

/// Settings of a log; each is a limit by name.
struct log_settings {
  /// Proposed and not yet applied, in entries.
  size_t inflight_entries = 65'536;
  /// One proposal, in bytes of payload.
  size_t proposal_bytes = size_t{16} << 20;
  /// One payload. A task's description is the largest thing in an entry.
  size_t payload_bytes = size_t{8} << 20;
  /// Payload that one take_committed reads again from the disk; it is exceeded
  /// by one entry at most.
  size_t replay_bytes = size_t{8} << 20;
  /// Applied entries that are kept, for members that lag and for people who
  /// look what happened: at most so many,
  uint64_t retained_entries = 50'000;
  /// and at most so many bytes of payload. Members that need older ones are
  /// sent a snapshot.
  uint64_t retained_bytes = uint64_t{64} << 20;
  /// Entries beyond these are removed when this many have gathered: a range
  /// deletion costs the same for one entry as for thousands.
  uint64_t trim_step = 1'000;
  /// One batch for the disk is closed when its payloads reach this.
  size_t batch_bytes = size_t{8} << 20;
  /// Times are in ticks, which the owner gives.
  consensus_settings consensus;
};

} // namespace agora
