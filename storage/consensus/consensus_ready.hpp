// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/consensus/consensus_message.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace agora {

/// What a member must not forget besides its entries (Raft, figure 2).
struct vote_record {
  uint64_t term = 0;
  /// Whom it voted for in that term; 0 for nobody yet.
  member_uid vote;

  friend bool operator==(const vote_record&, const vote_record&) = default;
};

/// Where a snapshot stands: it holds all that entries up to `last` have done.
struct snapshot_mark {
  log_position last;
  /// The members as of `last`.
  configuration members;
};

/// What has to be on disk, all of it or nothing, before `ticket` is told.
struct persist_order {
  /// They count up by one.
  uint64_t ticket = 0;
  std::optional<vote_record> vote;
  /// Replaces all entries and the state by a snapshot that is here.
  std::optional<snapshot_mark> install;
  /// Entries from here on are gone; 0 for none.
  uint64_t truncate_from = 0;
  /// New ones, in order, behind what is there then.
  std::vector<entry_ptr> entries;
};

/// A peer needs entries that are not in memory any more.
struct read_order {
  member_uid for_member;
  uint64_t first = 0;
  /// At most; at least `first`.
  uint64_t last = 0;
  /// Stop behind the first entry with which payloads reach this.
  size_t bytes = 0;
};

/// A peer needs entries that are gone: send it the state.
struct snapshot_order {
  member_uid to;
};

/// A read that may be answered once the state has taken in `index`.
struct read_permit {
  uint64_t id = 0;
  /// 0: refused, because this member does not lead (any more).
  uint64_t index = 0;
};

/// What a machine wants done, in this order or at the same time:
///
/// - `persist` goes to the disk; its ticket comes back by `persisted`. Messages
///   that promise something which is not on disk yet do not stand in `send`:
///   the machine keeps them until then.
/// - `send` goes out; what cannot be sent is dropped.
/// - Entries up to `commit` may be applied.
struct consensus_ready {
  std::optional<persist_order> persist;
  std::vector<consensus_message> send;
  std::vector<read_order> reads;
  std::vector<snapshot_order> snapshots;
  std::vector<read_permit> permits;

  bool empty() const {
    return !persist && send.empty() && reads.empty() && snapshots.empty()
           && permits.empty();
  }
};

} // namespace agora
