// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/consensus/configuration.hpp"
#include "storage/consensus/log_entry.hpp"

#include <cstdint>
#include <variant>
#include <vector>

namespace agora {

/// "Would you vote for me, or do you?" (Raft, 5.2; dissertation, 9.6). With
/// `pre` it is a question only: the answer binds nobody, and `term` is the one
/// after the sender's.
struct vote_request {
  bool pre = false;
  /// A leader has asked the sender to take over: those who hear from that
  /// leader answer nevertheless.
  bool transfer = false;
  /// Which question of its sender's: answers to an older one do not count.
  uint64_t round = 0;
  /// Where the sender's log ends.
  log_position last;
};

struct vote_answer {
  bool pre = false;
  bool granted = false;
  uint64_t round = 0;
};

/// "Here is what follows `previous`" (Raft, 5.3). May be without entries: a
/// question whether `previous` is there.
struct append_request {
  log_position previous;
  std::vector<entry_ptr> entries;
  /// What is committed as far as the leader knows.
  uint64_t commit = 0;
};

struct append_answer {
  bool accepted = false;
  /// Accepted: the last index of what was asked for, which is on disk; never
  /// what happens to lie behind it. Refused: the index that is not there as
  /// the leader has it.
  uint64_t index = 0;
  /// Refused: the last position at which both logs may agree.
  log_position hint;
};

/// "I lead", to whom nothing else is said for a while.
struct heartbeat {
  /// What the receiver may take for committed: it is known to have all of it.
  uint64_t commit = 0;
  /// The newest round of read_index.
  uint64_t read_round = 0;
};

struct heartbeat_answer {
  uint64_t read_round = 0;
};

/// "Stand for election at once" (dissertation, 3.10).
struct take_over {};

/// "Your term is over": to a leader or candidate of an older one.
struct term_passed {};

using consensus_body
  = std::variant<vote_request, vote_answer, append_request, append_answer,
                 heartbeat, heartbeat_answer, take_over, term_passed>;

/// What members of a log send each other. May be lost, late, twice, or in
/// another order.
struct consensus_message {
  member_uid from;
  member_uid to;
  /// The sender's; of a vote_request with `pre`, and of a vote_answer that
  /// grants it, the one that is asked for.
  uint64_t term = 0;
  consensus_body body;
};

} // namespace agora
