// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/frameworks/word_count/file_chunks.hpp"
#include "actors/frameworks/word_count/word_counts.hpp"
#include "runtime/base/ids.hpp"

#include "agora/v1/tasks.pb.h"

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace agora {

/// The pieces of one count: which wait, which are being counted, and the sum
/// of those that are done. A plain value.
class chunk_table {
public:
  /// How often a chunk is tried.
  static constexpr unsigned attempts_limit = 4;

  /// A task that an offer was not there for any more did not run: such
  /// attempts are counted apart.
  static constexpr unsigned drops_limit = 100;

  struct task {
    task_id id;
    file_chunk_list files;
  };

  explicit chunk_table(std::vector<file_chunk_list> chunks);

  bool has_waiting() const {
    return !waiting_.empty();
  }

  /// The next chunk to launch, under an id that was never used before. There
  /// must be one.
  task launch();

  /// A status update came; late and repeated ones change nothing. A finished
  /// task's counts are added, exactly once.
  /// @returns why the count cannot be completed any more, if so.
  status updated(const v1::TaskStatus& news);

  bool all_done() const {
    return waiting_.empty() && active_.empty();
  }

  const word_counts& counts() const {
    return counts_;
  }

  size_t tasks_finished() const {
    return finished_;
  }

private:
  struct chunk {
    file_chunk_list files;
    unsigned attempts = 0;
    unsigned drops = 0;
  };

  status try_again(chunk what, const v1::TaskStatus& news);

  std::deque<chunk> waiting_;
  std::map<task_id, chunk> active_;
  word_counts counts_;
  size_t launched_ = 0;
  size_t finished_ = 0;
};

} // namespace agora
