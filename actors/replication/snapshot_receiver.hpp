// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/log/replicated_log.hpp"

#include "agora/session/replica.pb.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace agora {

/// Takes a snapshot that a leader sends in parts, lays it down beside the
/// state, and takes it into use when it is whole. One at a time: a new one
/// replaces what has come of an older one.
class snapshot_receiver {
public:
  /// Parts that wait for the disk: more than a sender's window.
  static constexpr size_t waiting_limit = 64;

  struct answer {
    member_uid to;
    session::SnapshotTaken what;
  };

  /// Takes a part that `from` has sent.
  /// @returns errc::malformed_message: it is damaged, or not what follows the
  ///          part before; errc::limit_reached: the sender ignores its window.
  status take(member_uid from, session::SnapshotChunk chunk,
              replicated_log& log);

  /// Lays down what waits for the disk; call it when that has got further.
  /// @returns what the store fails with, if that is final.
  status carry_on(replicated_log& log);

  /// What to tell senders; takes it out.
  std::vector<answer> take_answers();

  /// Nothing more of `from` will come.
  void lost(member_uid from);

private:
  struct transfer {
    member_uid from;
    uint64_t id = 0;
    uint64_t term = 0;
    snapshot_mark mark;
    /// Parts that have come.
    uint64_t received = 0;
  };

  result<transfer> begin(member_uid from, const session::SnapshotChunk& chunk);
  void answer_to(member_uid to, uint64_t id, uint64_t number, bool refused);

  std::optional<transfer> current_;
  std::deque<session::SnapshotChunk> waiting_;
  std::vector<answer> answers_;
};

} // namespace agora
