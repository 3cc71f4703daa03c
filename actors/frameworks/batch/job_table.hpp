// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/frameworks/batch/job.hpp"
#include "runtime/base/ids.hpp"

#include "agora/v1/tasks.pb.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace agora {

/// The jobs of one batch, and how far each has come. A plain value.
///
///     waiting --launched--> active --FINISHED--> done
///        ^---retry (FAILED, LOST, ...)--+--no retries left--> failed
///        ^---never ran (DROPPED)--------+--dropped too often--> failed
class job_table {
public:
  using time_point = std::chrono::steady_clock::time_point;

  enum class phase { waiting, active, done, failed };

  struct entry {
    job what;
    phase state = phase::waiting;
    /// Times that it was started for good; the newest attempt's number.
    unsigned attempts = 0;
    /// Times that an offer was gone before the task arrived.
    unsigned drops = 0;
    bool running = false;
    /// Of the newest attempt.
    agora::task_id task;
    v1::AgentID agent;
    time_point launched_at;
    time_point ended_at;
    /// What the newest terminal status said.
    v1::TaskStatus last;
  };

  /// What an update means for its job.
  enum class change { none, started, done, retry, failed };

  struct counts {
    size_t total = 0;
    size_t waiting = 0;
    size_t running = 0;
    size_t active = 0;
    size_t done = 0;
    size_t failed = 0;
  };

  /// A task may be dropped so often before its job counts as failed.
  static constexpr unsigned drops_limit = 100;

  explicit job_table(std::vector<job> jobs);

  size_t size() const {
    return entries_.size();
  }

  const entry& at(size_t index) const {
    return entries_.at(index);
  }

  /// Jobs that wait, in their list's order.
  const std::set<size_t>& waiting() const {
    return waiting_;
  }

  /// The job is on its way to `agent`: returns the id of its new task.
  task_id launched(size_t index, const v1::AgentID& agent, time_point now);

  /// A status update came. Late ones of earlier attempts change nothing.
  change updated(const v1::TaskStatus& news, time_point now);

  /// The job whose newest attempt is `task`.
  std::optional<size_t> job_of(const task_id& task) const;

  /// Tasks that may be running.
  std::vector<task_id> active_tasks() const;

  /// Lets every waiting job fail, because of `why`: the user stops the batch.
  void give_up(const std::string& why, time_point now);

  const counts& totals() const {
    return counts_;
  }

  bool all_ended() const {
    return counts_.done + counts_.failed == counts_.total;
  }

private:
  change end(size_t index, const v1::TaskStatus& news, time_point now);
  void leave_active(entry& what);

  std::vector<entry> entries_;
  std::set<size_t> waiting_;
  std::map<task_id, size_t> by_task_;
  counts counts_;
};

/// "exited with status 3": what is known of how the task ended.
std::string describe_end(const v1::TaskStatus& news);

} // namespace agora
