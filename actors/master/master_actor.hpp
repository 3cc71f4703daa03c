// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/interfaces.hpp"
#include "actors/master/master_machine.hpp"
#include "actors/master/master_standing.hpp"
#include "actors/master/tool_reads.hpp"
#include "runtime/base/wall_clock.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace agora {

/// What a master begins with: as a standby, until its log says that it leads.
struct master_begin {
  master_settings settings;
  /// As recovered from the log, with everything applied up to `applied_index`.
  std::shared_ptr<cluster_state> state;
  uint64_t applied_index = 0;
  /// The first leadership begins a new generation.
  bool restored = false;
  /// Spawns the allocator of a leadership: each has a fresh one, which knows
  /// of nothing yet.
  std::function<allocator_actor(const master_actor&)> new_allocator;
  wall_clock clock;
  /// The state cannot follow the log: the process has to end.
  std::function<void(const status&)> on_failure;
};

/// What a master has while it leads, and drops as a whole when it does not.
struct master_leadership {
  using time_point = std::chrono::steady_clock::time_point;

  /// @param nth Counts this master's leaderships.
  master_leadership(uint64_t nth, master_settings settings, cluster_state state,
                    epoch own, time_point now, wall_time wall,
                    uint64_t applied_index)
    : number(nth),
      machine(std::move(settings), std::move(state), own, now, wall,
              applied_index) {
    machine.expect_own_from(std::numeric_limits<uint64_t>::max());
  }

  /// An answer that is late must not be taken for one to a later leadership's
  /// question: who asks remembers this.
  uint64_t number = 0;
  master_machine machine;
  allocator_actor allocator;
  /// The log has said that it does not lead any more, and will say who does:
  /// until then nothing may be sent, for nothing will be committed.
  bool deposed = false;

  /// Serialized entries that the log has not taken yet, in order.
  std::deque<std::string> unproposed;
  /// Whether the log has taken any. What it takes first comes behind all that
  /// an earlier leadership has sent there.
  bool proposed = false;
  /// Whether the log is being asked to take some.
  bool proposing = false;
  /// Whether it has no room, and is to be asked again soon.
  bool retrying = false;
  /// When the next tick comes, if one is on its way.
  std::optional<time_point> tick_at;
  /// Of tools: wait for their read barriers.
  tool_reads reads;
};

/// An open session.
struct master_session {
  session_actor actor;
  session::PeerKind kind = session::PEER_KIND_UNKNOWN;
  /// When a body that came to a standby was last answered.
  std::optional<std::chrono::steady_clock::time_point> turned_away;
};

/// What a log says to its owner.
using log_news
  = std::variant<committed_entries, state_installed, log_leadership>;

struct master_actor_state {
  static inline const char* name = "master";

  master_settings settings;
  std::function<allocator_actor(const master_actor&)> new_allocator;
  wall_clock clock;
  std::function<void(const status&)> on_failure;
  /// Null until the companions have come.
  log_actor log;
  local_gateway_actor gateway;
  /// What the log, which knows this actor from its own start on, has said until
  /// then, in order. As much as a log hands out without an answer.
  std::vector<log_news> early;

  /// Null while this master leads: then the machine has the state.
  std::unique_ptr<cluster_state> standby;
  /// Null unless this master leads.
  std::unique_ptr<master_leadership> leading;
  /// The next leadership begins a new generation.
  bool restored = false;
  uint64_t leaderships = 0;
  /// The newest term in which it has led.
  uint64_t newest_term = 0;
  /// The newest entry that the state has.
  uint64_t applied_index = 0;

  master_standing standing{""};
  /// As the log says it; the state knows it from its first entry on.
  std::string cluster_id;
  /// What the gateway was told last.
  node_standing told_gateway;

  std::map<session_number, master_session> sessions;
  /// Questions of tools that the log has not answered yet.
  size_t log_questions = 0;
  /// Whether a flush is on its way to this actor.
  bool flushing = false;

  /// The cluster as far as it is applied, in either role.
  const cluster_state& cluster() const {
    return leading ? leading->machine.state() : *standby;
  }
};

using master_ptr = master_actor::stateful_pointer<master_actor_state>;

/// MASTER: while its log replica leads, hands every message to the machine, and
/// sends what comes of it; otherwise it applies the log, and tells who leads.
///
///   standby --log_leadership: leads--> leading
///   leading --log_leadership: another leads, or none--> standby
///   leading --the log refuses a proposal: not_leader--> leading, deposed:
///   mute,
///     until log_leadership follows
///
/// Is linked with its log and its allocator: without one of them it would go on
/// in vain.
master_actor::behavior_type master(master_ptr self, master_begin begin);

} // namespace agora
