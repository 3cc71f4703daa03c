// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/interfaces.hpp"

#include <caf/fwd.hpp>

#include <functional>

namespace agora {

/// Spawns the author's executor, which sends its calls to `driver`.
using executor_spawner = std::function<executor_actor(
  caf::actor_system& system, const executor_driver_actor& driver)>;

/// A whole main() of a custom executor: reads what the agent has put into the
/// environment, finds the agent, and runs until the executor has quit and the
/// agent knows all, or until the agent was away for too long.
/// @returns 0; or, after a line on stderr, exit_usage if the environment is not
///          that of an executor, 1 if the agent was away for too long.
int run_executor(const executor_spawner& spawn);

} // namespace agora
