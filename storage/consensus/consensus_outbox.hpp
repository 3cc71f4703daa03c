// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/consensus/consensus_ready.hpp"

#include <cstdint>
#include <deque>
#include <vector>

namespace agora {

/// What a machine has to say, until it may be said: a vote or an
/// acknowledgement leaves when everything before it is on disk.
class consensus_outbox {
public:
  /// Promises nothing that is not on disk.
  void send_now(consensus_message what) {
    ready_.send.push_back(std::move(what));
  }

  void send_when_persisted(consensus_message what) {
    promises_.push_back(std::move(what));
  }

  void order_read(read_order what) {
    ready_.reads.push_back(what);
  }

  void order_snapshot(snapshot_order what) {
    ready_.snapshots.push_back(what);
  }

  void permit(read_permit what) {
    ready_.permits.push_back(what);
  }

  /// Hands out everything so far. `persist` gets the next ticket if there is
  /// something to persist; `last` is where the log ends then.
  consensus_ready take(std::optional<persist_order> persist,
                       const log_position& last);

  struct release {
    /// How far the log is on disk; nothing if no such ticket is open.
    std::optional<log_position> last;
    /// What the machine says to itself.
    std::vector<consensus_message> to_self;
  };

  /// All up to `ticket` is on disk: what waited for it goes out next.
  release persisted(uint64_t ticket, member_uid self);

private:
  struct open_ticket {
    uint64_t ticket = 0;
    log_position last;
    std::vector<consensus_message> promises;
  };

  consensus_ready ready_;
  /// Since the last take().
  std::vector<consensus_message> promises_;
  std::deque<open_ticket> open_;
  uint64_t issued_ = 0;
};

} // namespace agora
