// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/batch/job_table.hpp"

#include "actors/scheduler/scheduler_calls.hpp"
#include "runtime/base/check.hpp"

#include <utility>

namespace agora {

job_table::job_table(std::vector<job> jobs) {
  entries_.reserve(jobs.size());
  for (auto& what : jobs) {
    waiting_.insert(waiting_.end(), entries_.size());
    entries_.emplace_back().what = std::move(what);
  }
  counts_.total = counts_.waiting = entries_.size();
}

task_id job_table::launched(size_t index, const v1::AgentID& agent,
                            time_point now) {
  auto& what = entries_.at(index);
  AGORA_CHECK(what.state == phase::waiting);
  // Ids are never used twice, so that a late update finds no newer attempt.
  ++what.attempts;
  what.task = task_id{what.what.name + "."
                      + std::to_string(what.attempts + what.drops)};
  what.state = phase::active;
  what.running = false;
  what.agent = agent;
  what.launched_at = now;
  waiting_.erase(index);
  by_task_.emplace(what.task, index);
  --counts_.waiting;
  ++counts_.active;
  return what.task;
}

std::optional<size_t> job_table::job_of(const task_id& task) const {
  auto found = by_task_.find(task);
  if (found == by_task_.end())
    return std::nullopt;
  return found->second;
}

void job_table::leave_active(entry& what) {
  by_task_.erase(what.task);
  --counts_.active;
  if (std::exchange(what.running, false))
    --counts_.running;
}

job_table::change job_table::updated(const v1::TaskStatus& news,
                                     time_point now) {
  auto index = job_of(id_of<task_id>(news.task_id()));
  if (!index)
    return change::none;
  auto& what = entries_[*index];
  if (calls::is_terminal(news.state()) || news.state() == v1::TASK_UNKNOWN)
    return end(*index, news, now);
  if (news.state() != v1::TASK_RUNNING || what.running)
    return change::none;
  what.running = true;
  ++counts_.running;
  return change::started;
}

job_table::change job_table::end(size_t index, const v1::TaskStatus& news,
                                 time_point now) {
  auto& what = entries_[index];
  leave_active(what);
  what.last = news;
  what.ended_at = now;
  if (news.state() == v1::TASK_FINISHED) {
    what.state = phase::done;
    ++counts_.done;
    return change::done;
  }
  // One that was confirmed, and that its agent does not know any more, may
  // have run.
  auto never_ran
    = (news.state() == v1::TASK_DROPPED
       && news.reason() != v1::TaskStatus::REASON_RECONCILIATION)
      || (news.state() == v1::TASK_LOST
          && news.source() == v1::TaskStatus::SOURCE_MASTER
          && (news.reason() == v1::TaskStatus::REASON_INVALID_OFFERS
              || news.reason() == v1::TaskStatus::REASON_MASTER_DISCONNECTED));
  // What is wrong with a TASK_ERROR will be wrong with it next time, too.
  auto again = never_ran ? what.drops < drops_limit
                         : what.attempts <= what.what.retries
                             && news.state() != v1::TASK_ERROR;
  if (never_ran) {
    --what.attempts;
    ++what.drops;
  }
  if (!again) {
    what.state = phase::failed;
    ++counts_.failed;
    return change::failed;
  }
  what.state = phase::waiting;
  waiting_.insert(index);
  ++counts_.waiting;
  return change::retry;
}

std::vector<task_id> job_table::active_tasks() const {
  std::vector<task_id> tasks;
  for (auto& [task, index] : by_task_)
    tasks.push_back(task);
  return tasks;
}

void job_table::give_up(const std::string& why, time_point now) {
  for (auto index : std::exchange(waiting_, {})) {
    auto& what = entries_[index];
    what.state = phase::failed;
    what.ended_at = now;
    what.last.set_message(why);
    --counts_.waiting;
    ++counts_.failed;
  }
  for (auto& [task, index] : by_task_)
    entries_[index].what.retries = 0;
}

std::string describe_end(const v1::TaskStatus& news) {
  auto text = news.message();
  if (news.has_state()) {
    auto name = v1::TaskState_Name(news.state());
    text = text.empty() ? name : name + ": " + text;
  }
  return text;
}

} // namespace agora
