// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/log/log_snapshot.hpp"

#include "agora/session/replica.pb.h"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace agora {

/// CRC-32C over the records of a chunk, each key and value with its length
/// before it.
uint32_t checksum_of(const session::SnapshotChunk& chunk);

/// Sends one member the state in parts, as many at once as the window allows: a
/// receiver whose disk is slow is sent no more than it takes.
class snapshot_sender {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// @param transfer Different for each.
  /// @param term The leader's.
  snapshot_sender(log_snapshot what, uint64_t transfer, uint64_t term,
                  size_t chunk_bytes, uint64_t window, time_point now);

  /// Whether next() may be called.
  bool may_send() const noexcept {
    return !sent_all_ && sent_ - taken_ < window_;
  }

  /// The next part.
  /// @returns errc::store_corrupt, errc::io_failed.
  result<session::SnapshotChunk> next();

  /// The receiver has taken a part.
  /// @returns whether it has all now.
  bool taken(uint64_t number, time_point now);

  uint64_t transfer() const noexcept {
    return transfer_;
  }

  const snapshot_mark& mark() const noexcept {
    return what_.mark();
  }

  /// When a part was last taken, or it began.
  time_point last_progress() const noexcept {
    return last_progress_;
  }

private:
  log_snapshot what_;
  uint64_t transfer_;
  uint64_t term_;
  size_t chunk_bytes_;
  uint64_t window_;
  uint64_t sent_ = 0;
  uint64_t taken_ = 0;
  bool sent_all_ = false;
  time_point last_progress_;
};

} // namespace agora
