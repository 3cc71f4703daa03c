// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace agora {

/// Reads that wait until it is sure that this member still led after they
/// came (Raft dissertation, 6.4). They travel in rounds: one exchange of
/// heartbeats serves all that had come before it began.
class read_queue {
public:
  struct entry {
    uint64_t id = 0;
    /// What was committed when it came.
    uint64_t index = 0;
    /// With which round it goes.
    uint64_t round = 0;
  };

  size_t size() const noexcept {
    return waiting_.size();
  }

  /// @param index see entry.
  void add(uint64_t id, uint64_t index) {
    waiting_.push_back({id, index, begun_ + 1});
  }

  /// Whether a read waits for a round that has not begun.
  bool wants_round() const {
    return !waiting_.empty() && waiting_.back().round > begun_;
  }

  /// @returns the number of the round that begins.
  uint64_t begin_round() {
    return ++begun_;
  }

  /// The newest round that has begun.
  uint64_t round() const noexcept {
    return begun_;
  }

  /// The next read if a quorum has answered `round`, or a later one.
  std::optional<entry> take(uint64_t round) {
    if (waiting_.empty() || waiting_.front().round > round)
      return std::nullopt;
    auto result = waiting_.front();
    waiting_.pop_front();
    return result;
  }

private:
  std::deque<entry> waiting_;
  uint64_t begun_ = 0;
};

} // namespace agora
