// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/interfaces.hpp"
#include "actors/scheduler/driver_machine.hpp"
#include "actors/session/leader_choice.hpp"
#include "runtime/base/compact_queue.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace agora {

/// Spawns the framework's scheduler, which sends its calls to `driver`. Called
/// on a thread of CAF's when the driver starts.
using scheduler_factory = std::function<scheduler_actor(
  caf::actor_system& system, const framework_driver_actor& driver)>;

/// Spawns the connectors that bring sessions to `driver`, one for each master.
/// Tests leave it out and play the sessions themselves.
using connect_function = std::function<void(
  caf::actor_system& system, const framework_driver_actor& driver)>;

struct framework_driver_state {
  static inline const char* name = "framework-driver";

  /// A body of the master of which the scheduler has not handled every event;
  /// its answer opens the master's window again.
  struct open_body {
    size_t unhandled = 0;
    caf::response_promise consumed;
  };

  std::optional<driver_machine> machine;
  driver_limits limits;
  bool explicit_acknowledgements = false;
  std::function<status(const framework_id& id)> keep_id;
  /// What keep_id was told last, or the id that the driver began with.
  framework_id kept_id;
  scheduler_actor scheduler;
  /// All that are open to masters.
  std::map<session_number, session_actor> masters;
  leader_choice leaders;
  /// The cluster that `leaders` knows epochs of.
  std::string cluster;
  /// Masters of which it was said that they are not reached, since a session
  /// was lost the last time.
  std::set<std::string> unreached;
  /// The session to the master that leads; null and 0: none.
  session_actor session;
  session_number number = 0;
  epoch leads_with;
  struct waiting_event {
    v1::scheduler::Event event;
    /// The body that it came in, if any.
    std::shared_ptr<open_body> body;
  };
  /// Events that the scheduler gets when it has handled earlier ones. The
  /// master's are bounded by the session's window, the driver's own by the
  /// offers and tasks that it keeps.
  compact_queue<waiting_event> waiting;
  /// Events that the scheduler has and has not handled yet.
  size_t handed = 0;
  bool flush_scheduled = false;
  /// The earliest tick under way.
  std::optional<driver_machine::time_point> tick_at;
};

/// FRAMEWORK DRIVER: see actors/interfaces.hpp. Spawns its scheduler, and ends
/// with it: a scheduler that quits leaves its tasks running, up to the failover
/// timeout, unless it sent TEARDOWN before. If the driver has to end first
/// (ERROR from the master), the scheduler gets that event as its last and then
/// an exit message.
///
/// Ends normally, or with the error that the master or the scheduler gave.
framework_driver_actor::behavior_type framework_driver(
  framework_driver_actor::stateful_pointer<framework_driver_state> self,
  driver_options options, scheduler_factory factory, connect_function connect);

} // namespace agora
