// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/frameworks/batch/batch_reporter.hpp"
#include "actors/frameworks/batch/job_table.hpp"
#include "actors/frameworks/batch/run_batch.hpp"
#include "actors/interfaces.hpp"
#include "actors/sandbox_reader/sandbox_reader_actor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <optional>
#include <set>
#include <string>

namespace agora {

/// BATCH: the scheduler that runs a list of jobs.
using batch_actor = scheduler_actor::extend<
  // INTERNAL: draw the progress again.
  caf::reacts_to<caf::tick_atom>,
  // From the program: an interrupt. Starts nothing more, and kills what runs.
  caf::reacts_to<caf::close_atom>>;

/// What the program learns of a batch when its scheduler has ended.
struct batch_outcome {
  std::optional<job_table> table;
  std::string framework;
  bool interrupted = false;
};

/// Spawns the reader that captures output, for `user`.
using reader_factory = std::function<sandbox_reader_actor(
  caf::actor_system& system, const caf::strong_actor_ptr& user)>;

struct batch_state {
  static inline const char* name = "batch";

  using time_point = job_table::time_point;

  batch_options options;
  std::optional<job_table> table;
  std::unique_ptr<batch_reporter> reporter;
  framework_driver_actor driver;
  sandbox_reader_actor reader;
  std::shared_ptr<batch_outcome> outcome;
  v1::FrameworkID framework;
  time_point begun;
  /// Ended jobs whose output is still being fetched.
  std::set<size_t> fetching;
  /// Offers were declined since the last REVIVE.
  bool declined = false;
  bool suppressed = false;
  bool interrupted = false;
  /// When the newest task was launched, and whether it was said that nothing
  /// fits.
  time_point last_launch;
  bool said_nothing_fits = false;
};

/// Ends normally when every job has ended and its output was captured.
batch_actor::behavior_type
batch_scheduler(batch_actor::stateful_pointer<batch_state> self,
                framework_driver_actor driver, batch_options options,
                const reader_factory& reader,
                std::shared_ptr<batch_outcome> outcome);

} // namespace agora
