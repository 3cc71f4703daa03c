// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/frameworks/batch/run_command.hpp"
#include "actors/interfaces.hpp"
#include "actors/sandbox_reader/sandbox_reader_actor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <memory>
#include <string>

namespace agora {

/// RUN: the scheduler that runs one command, once.
using run_actor = scheduler_actor::extend<
  // INTERNAL: tell a user who waits why nothing happens.
  caf::reacts_to<caf::tick_atom>,
  // From the program: an interrupt. Kills the task.
  caf::reacts_to<caf::close_atom>>;

/// What the program learns when its scheduler has ended.
struct run_outcome {
  /// The newest status; has no state if the task was never launched.
  v1::TaskStatus status;
};

/// Takes what the task writes.
struct run_sinks {
  file_sink out;
  file_sink err;
};

struct run_state {
  static inline const char* name = "run";

  run_options options;
  run_sinks sinks;
  framework_driver_actor driver;
  sandbox_reader_actor reader;
  std::shared_ptr<run_outcome> outcome;
  v1::FrameworkID framework;
  v1::TaskID task;
  v1::AgentID agent;
  unsigned attempts = 0;
  bool launched = false;
  /// Streams that are being copied.
  size_t copying = 0;
  bool copy_begun = false;
  bool ended = false;
};

/// Ends normally when the task has ended and its output was copied.
run_actor::behavior_type
run_scheduler(run_actor::stateful_pointer<run_state> self,
              framework_driver_actor driver, run_options options,
              run_sinks sinks,
              const std::function<sandbox_reader_actor(
                caf::actor_system&, const caf::strong_actor_ptr&)>& reader,
              std::shared_ptr<run_outcome> outcome);

} // namespace agora
