// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/executor/command_task_machine.hpp"
#include "actors/interfaces.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <optional>

namespace agora {

struct command_executor_state {
  static inline const char* name = "command-executor";

  command_task_machine tasks;
  v1::FrameworkID framework;
  v1::ExecutorID executor;
  /// Held weakly: it holds its executors.
  caf::actor_addr agent;
  containerizer_actor containers;
  /// Of a kill that names none.
  std::chrono::milliseconds kill_grace{};
  /// When the earliest tick that is under way comes.
  std::optional<command_task_machine::time_point> tick_at;
};

/// COMMAND EXECUTOR: the built-in executor.
command_executor_actor::behavior_type command_executor(
  command_executor_actor::stateful_pointer<command_executor_state> self,
  agent_actor agent, containerizer_actor containers,
  std::chrono::milliseconds kill_grace);

} // namespace agora
