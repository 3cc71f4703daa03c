// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/frameworks/word_count/file_chunks.hpp"
#include "actors/frameworks/word_count/word_counts.hpp"
#include "actors/interfaces.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <deque>

namespace agora {

/// What a custom executor sends its calls to.
using executor_calls_actor
  = caf::typed_actor<caf::reacts_to<v1::executor::Call>>;

/// WORD COUNT EXECUTOR: counts the words of the files that it is handed. Each
/// task is a list of files; its counts come back as the data of its last
/// status.
using word_count_executor_actor = executor_actor::extend<
  // INTERNAL: count one more file. One at a time, so that a KILL gets its
  // turn.
  caf::reacts_to<caf::tick_atom>>;

/// Counts that are longer than this, encoded, are not sent: a status is stored
/// by the agent and in the cluster's log. The task fails, and says so.
inline constexpr size_t counts_bytes_limit = size_t{256} << 10;

/// Tasks that wait in one executor.
inline constexpr size_t executor_tasks_limit = 10'000;

struct word_count_executor_state {
  static inline const char* name = "word-count-executor";

  struct task {
    v1::TaskID id;
    file_chunk_list files;
    /// Files that are counted.
    size_t done = 0;
    word_counts counts;
  };

  // Not first: CAF would take the state for one that is made from its actor.
  std::deque<task> tasks;
  executor_calls_actor driver;
};

/// Blocks while it reads a file: spawn it detached. Ends on SHUTDOWN.
word_count_executor_actor::behavior_type word_count_executor(
  word_count_executor_actor::stateful_pointer<word_count_executor_state> self,
  executor_calls_actor driver);

} // namespace agora
