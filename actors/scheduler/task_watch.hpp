// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/scheduler/driver_options.hpp"
#include "runtime/base/ids.hpp"

#include "agora/v1/scheduler/scheduler.pb.h"

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace agora {

/// The tasks of a framework that have not ended, as far as its driver knows,
/// and after which of them it still has to ask since it subscribed. Messages
/// sent while a connection broke may be lost in both directions, so a driver
/// asks after everything, again and again until it is answered. A plain value.
class task_watch {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit task_watch(driver_limits limits);

  /// The task was launched on `agent`. Beyond limits.watched_tasks: ignored.
  void launched(const task_id& task, const agent_id& agent);

  /// The master spoke of the task: it is answered, and watched until it ends.
  void updated(const v1::TaskStatus& news);

  /// A subscription begins: asks after every task, from now on.
  void begin(time_point now);

  /// The subscription is lost: stops asking.
  void stop();

  /// The RECONCILE calls to send now; framework_id is left open.
  std::vector<v1::scheduler::Call> take_calls(time_point now);

  /// When take_calls should be called next; nothing if all are answered.
  std::optional<time_point> next_wakeup() const;

  /// Tasks that have not ended.
  size_t size() const {
    return tasks_.size();
  }

  /// Tasks of which nothing was heard since begin().
  size_t unanswered() const {
    return unanswered_.size();
  }

private:
  /// Whether the next round may be sent before next_round_.
  bool round_answered() const {
    return asked_.empty() && !pass_over_;
  }

  driver_limits limits_;
  std::map<task_id, agent_id> tasks_;
  std::set<task_id> unanswered_;

  // A pass goes over all unanswered tasks once, in rounds; the next pass waits
  // for the backoff, so that silent agents hold up nobody else's answers.
  /// Unanswered ones of the round that was sent last.
  std::set<task_id> asked_;
  /// The last task of that round.
  task_id cursor_;
  bool pass_over_ = false;
  std::optional<time_point> next_round_;
  std::chrono::milliseconds backoff_;
};

} // namespace agora
