// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/consensus/member_progress.hpp"

#include <cstddef>
#include <cstdint>

namespace agora {

/// Times of a log in ticks, whose length is its caller's affair, and limits.
struct consensus_settings {
  /// A leader speaks at least so often to each member.
  uint32_t heartbeat_ticks = 10;
  /// A member that has not heard from a leader for this long, and for up to as
  /// long again by chance, asks for votes. A leader that has not heard from a
  /// quorum for this long stops leading.
  uint32_t election_ticks = 100;
  /// Payloads in one append_request; exceeded by one entry at most.
  size_t append_bytes = size_t{1} << 20;
  /// Entries in one append_request.
  size_t append_entries = 4'096;
  /// To each member.
  append_window window;
  /// Payloads that are kept in memory though they are on disk.
  size_t tail_bytes = size_t{16} << 20;
  /// Payloads proposed and not committed.
  size_t uncommitted_bytes = size_t{64} << 20;
  /// Reads that wait to be permitted.
  size_t waiting_reads = 65'536;
  /// A learner that lacks more entries gets no vote yet.
  uint64_t promote_lag = 1'000;
};

} // namespace agora
