// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/frameworks/word_count/chunk_table.hpp"
#include "actors/frameworks/word_count/run_word_count.hpp"
#include "actors/interfaces.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <optional>
#include <set>
#include <string>

namespace agora {

/// What the program learns of a count when its scheduler has ended.
struct word_count_outcome {
  /// Set if the count was completed.
  std::optional<word_counts> counts;
  size_t tasks = 0;
  size_t agents = 0;
};

struct word_count_state {
  static inline const char* name = "word-count";

  std::optional<chunk_table> table;
  v1::ExecutorInfo executor;
  framework_driver_actor driver;
  std::shared_ptr<word_count_outcome> outcome;
  /// Agents on which the executor was started.
  std::set<agent_id> agents;
  bool suppressed = false;
};

/// What the executor takes of an agent, once, and each task besides.
inline constexpr double executor_cpus = 0.1;
inline constexpr double executor_mem_mib = 32;
inline constexpr double task_cpus = 0.05;
inline constexpr double task_mem_mib = 4;

/// Tasks that one offer gets at most, so that others get some, too.
inline constexpr size_t tasks_per_offer = 4;

/// WORD COUNT: the scheduler that has the words of many files counted by
/// executors near them, and adds up. Ends normally with the sum in `outcome`,
/// or with the reason why there is none.
scheduler_actor::behavior_type
word_count_scheduler(scheduler_actor::stateful_pointer<word_count_state> self,
                     framework_driver_actor driver,
                     const word_count_options& options,
                     std::vector<file_chunk_list> chunks,
                     std::shared_ptr<word_count_outcome> outcome);

} // namespace agora
