// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/scheduler/task_watch.hpp"

#include "actors/scheduler/scheduler_calls.hpp"

#include <algorithm>

namespace agora {

using v1::scheduler::Call;

task_watch::task_watch(driver_limits limits)
  : limits_(limits), backoff_(limits.reconcile_first) {
  // nop
}

void task_watch::launched(const task_id& task, const agent_id& agent) {
  if (tasks_.size() < limits_.watched_tasks || tasks_.contains(task))
    tasks_.insert_or_assign(task, agent);
}

void task_watch::updated(const v1::TaskStatus& news) {
  auto id = id_of<task_id>(news.task_id());
  unanswered_.erase(id);
  asked_.erase(id);
  // Of an UNKNOWN task nothing more can be learned by asking.
  if (calls::is_terminal(news.state()) || news.state() == v1::TASK_UNKNOWN)
    tasks_.erase(id);
  else
    launched(id, id_of<agent_id>(news.agent_id()));
}

void task_watch::begin(time_point now) {
  stop();
  for (auto& [id, agent] : tasks_)
    unanswered_.insert(unanswered_.end(), id);
  backoff_ = limits_.reconcile_first;
  next_round_ = now;
}

void task_watch::stop() {
  unanswered_.clear();
  asked_.clear();
  cursor_ = {};
  pass_over_ = false;
  next_round_.reset();
}

std::vector<Call> task_watch::take_calls(time_point now) {
  std::vector<Call> calls;
  if (unanswered_.empty() || !next_round_
      || (now < *next_round_ && !round_answered()))
    return calls;
  asked_.clear();
  auto at = unanswered_.upper_bound(cursor_);
  if (at == unanswered_.end())
    at = unanswered_.begin();
  for (; at != unanswered_.end(); ++at) {
    if (asked_.size() == limits_.reconcile_round)
      break;
    if (asked_.size() % limits_.reconcile_call == 0)
      calls.push_back(calls::reconcile());
    auto& task = *calls.back().mutable_reconcile()->add_tasks();
    task.mutable_task_id()->set_value(at->text());
    if (auto known = tasks_.find(*at);
        known != tasks_.end() && !known->second.empty())
      task.mutable_agent_id()->set_value(known->second.text());
    cursor_ = *asked_.insert(asked_.end(), *at);
  }
  pass_over_ = at == unanswered_.end();
  if (pass_over_) {
    cursor_ = {};
    next_round_ = now + backoff_;
    backoff_ = std::min(backoff_ * 2, limits_.reconcile_last);
  } else {
    next_round_ = now + limits_.reconcile_first;
  }
  return calls;
}

std::optional<task_watch::time_point> task_watch::next_wakeup() const {
  if (unanswered_.empty() || !next_round_)
    return std::nullopt;
  return round_answered() ? time_point::min() : *next_round_;
}

} // namespace agora
