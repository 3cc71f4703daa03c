// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/interfaces.hpp"
#include "actors/master/master_machine.hpp"
#include "runtime/base/wall_clock.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace agora {

/// What a leading master begins with.
struct master_begin {
  master_settings settings;
  /// As recovered from the log, with everything applied that is committed.
  std::shared_ptr<cluster_state> state;
  epoch own_epoch;
  /// For a cluster that is founded now; ignored if the log has one.
  std::string cluster_id;
  wall_clock clock;
  /// The state cannot follow the log: the process has to end.
  std::function<void(const status&)> on_failure;
};

struct master_actor_state {
  static inline const char* name = "master";

  std::unique_ptr<master_machine> machine;
  wall_clock clock;
  std::function<void(const status&)> on_failure;
  log_actor log;
  allocator_actor allocator;
  std::map<session_number, session_actor> sessions;
  /// Sessions of the admin tool: they come and go, and are no news.
  std::set<session_number> tools;

  /// Whether a flush is on its way to this actor.
  bool flushing = false;
  /// Serialized entries that the log has not taken yet, in order.
  std::deque<std::string> unproposed;
  /// Whether the log is being asked to take some.
  bool proposing = false;
  /// Whether it has no room, and is to be asked again soon.
  bool retrying = false;
  /// When the next tick comes, if one is on its way.
  std::optional<std::chrono::steady_clock::time_point> tick_at;
};

using master_ptr = master_actor::stateful_pointer<master_actor_state>;

/// MASTER: hands every message to the machine, and sends what comes of it. Is
/// linked with its companions: without one of them it would go on in vain.
master_actor::behavior_type master(master_ptr self, master_begin begin);

} // namespace agora
