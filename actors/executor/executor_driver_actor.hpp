// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/executor/executor_driver_machine.hpp"
#include "actors/interfaces.hpp"
#include "runtime/messaging/address.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <optional>
#include <string>

namespace agora {

/// What a custom executor's driver is told.
struct executor_driver_options {
  executor_driver_settings settings;
  /// Where the agent is reached.
  node_address agent;
  /// Name and version of this program, for people.
  std::string software = "executor";
  wall_clock clock = system_wall_clock();
  /// Called when the process has to end: the agent was away for too long, or
  /// the executor has ended and its agent knows all. The driver ends after it.
  std::function<void(const status&)> on_over;
};

/// Reads what the agent has put into the environment: AGORA_AGENT,
/// AGORA_FRAMEWORK_ID, AGORA_EXECUTOR_ID, and the field's
/// MESOS_RECOVERY_TIMEOUT and MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD.
/// @param lookup std::getenv, or a test's own.
/// @returns errc::invalid_config naming the variable.
result<executor_driver_options>
executor_options_from(const std::function<const char*(const char*)>& lookup);

/// Reaches the agent on behalf of the driver.
using executor_connect = std::function<connector_actor(
  const executor_driver_actor& owner, session::OpenSession introduce)>;

/// Makes the framework author's executor, which talks to `driver`.
using executor_factory
  = std::function<executor_actor(const executor_driver_actor& driver)>;

struct executor_driver_state {
  static inline const char* name = "executor-driver";

  executor_driver_options options;
  std::optional<executor_driver_machine> machine;
  executor_actor executor;
  connector_actor connector;
  session_actor session;
  session_number number = 0;
  std::optional<executor_driver_machine::time_point> tick_at;
};

/// EXECUTOR DRIVER.
executor_driver_actor::behavior_type executor_driver(
  executor_driver_actor::stateful_pointer<executor_driver_state> self,
  executor_driver_options options, const executor_factory& make_executor,
  const executor_connect& connect);

/// Starts the driver over TCP. In a custom executor's main():
///
///   auto options = executor_options_from(std::getenv);
///   options->on_over = [](const status&) { std::quick_exit(0); };
///   spawn_executor_driver(system, *options, [&](auto& driver) {
///     return system.spawn(my_executor, driver);
///   });
executor_driver_actor spawn_executor_driver(caf::actor_system& system,
                                            executor_driver_options options,
                                            executor_factory make_executor);

} // namespace agora
