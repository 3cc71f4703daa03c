// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/executor/command_task_machine.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

namespace agora {

namespace {

using clock_duration = std::chrono::steady_clock::duration;

/// A task may not run for longer, whatever max_completion_time says; it keeps
/// the arithmetic of deadlines within bounds.
constexpr std::chrono::hours longest_completion_time{24 * 365 * 10};

} // namespace

void command_task_machine::subscribed(
  const v1::executor::Event::Subscribed& event) {
  framework_ = event.framework_info();
  executor_ = event.executor_info();
  agent_ = event.agent_info().id().value();
  auto& capabilities = framework_.capabilities();
  tells_killing_ = std::any_of(
    capabilities.begin(), capabilities.end(), [](auto& capability) {
      return capability.type()
             == v1::FrameworkInfo::Capability::TASK_KILLING_STATE;
    });
}

void command_task_machine::place(task_place where) {
  auto id = where.task;
  places_.insert_or_assign(std::move(id), std::move(where));
}

void command_task_machine::launch_group(const v1::TaskGroupInfo& group) {
  for (auto& info : group.tasks())
    launch(info);
}

void command_task_machine::launch(const v1::TaskInfo& info) {
  auto id = id_of<task_id>(info.task_id());
  auto found = places_.find(id);
  if (found == places_.end() || tasks_.contains(id))
    return;
  auto where = std::move(found->second);
  places_.erase(found);
  auto& fresh = tasks_[id];
  fresh.container = where.container;
  fresh.group = where.group;
  fresh.ran_for = where.ran_for;
  fresh.reported = where.reported;
  if (info.has_max_completion_time()
      && info.max_completion_time().nanoseconds() >= 0)
    fresh.completion_time = std::min<std::chrono::nanoseconds>(
      std::chrono::nanoseconds{info.max_completion_time().nanoseconds()},
      longest_completion_time);
  by_container_[where.container] = id;
  if (where.reattach) {
    outputs_.push_back(container_reattach{where.container, where.sandbox});
    return;
  }
  report(id, v1::TASK_STARTING, {});
  container_start start;
  start.container = where.container;
  start.sandbox = where.sandbox;
  start.command = info.command();
  start.limits = info.container().rlimit_info();
  start.user
    = info.command().has_user() ? info.command().user() : framework_.user();
  auto sandbox = where.sandbox.string();
  auto executor = executor_.executor_id().value();
  start.environment = {
    {"AGORA_FRAMEWORK_ID", executor_.framework_id().value()},
    {"AGORA_TASK_ID", id.text()},
    {"MESOS_DIRECTORY", sandbox},
    {"MESOS_EXECUTOR_ID", executor.empty() ? id.text() : executor},
    {"MESOS_FRAMEWORK_ID", executor_.framework_id().value()},
    {"MESOS_SANDBOX", sandbox},
    {"MESOS_SLAVE_ID", agent_},
    {"MESOS_TASK_ID", id.text()},
  };
  outputs_.push_back(std::move(start));
}

void command_task_machine::kill(const task_id& id,
                                std::chrono::nanoseconds grace,
                                time_point now) {
  auto found = tasks_.find(id);
  if (found == tasks_.end())
    return;
  begin_kill(id, found->second, grace, now);
  if (found->second.group == 0)
    return;
  for (auto& [sibling, which] : tasks_)
    if (which.group == found->second.group && sibling != id)
      begin_kill(sibling, which, grace, now);
}

void command_task_machine::shutdown(std::chrono::nanoseconds grace,
                                    time_point now) {
  for (auto& [id, which] : tasks_)
    begin_kill(id, which, grace, now);
}

void command_task_machine::begin_kill(const task_id& id, task& which,
                                      std::chrono::nanoseconds grace,
                                      time_point now) {
  auto until = now + std::chrono::duration_cast<clock_duration>(grace);
  if (which.kill_asked || which.overdue) {
    which.kill_asked = true;
    if (which.deadline && until < *which.deadline)
      set_deadline(id, which, until);
    return;
  }
  which.kill_asked = true;
  if (tells_killing_ && which.reported != v1::TASK_KILLING)
    report(id, v1::TASK_KILLING, {});
  if (grace <= std::chrono::nanoseconds{0}) {
    set_deadline(id, which, std::nullopt);
    outputs_.push_back(container_signal{which.container, kill_mode::kill});
    return;
  }
  set_deadline(id, which, until);
  outputs_.push_back(container_signal{which.container, kill_mode::terminate});
}

void command_task_machine::container_changed(const container_event& event,
                                             time_point now) {
  now_ = now;
  std::visit(
    [&](auto& what) {
      auto owner = by_container_.find(what.container);
      if (owner == by_container_.end())
        return;
      auto id = owner->second;
      auto& which = tasks_.at(id);
      using what_type = std::decay_t<decltype(what)>;
      if constexpr (std::is_same_v<what_type, container_started>)
        started(id, which, now);
      else if constexpr (std::is_same_v<what_type, container_failed>)
        failed(id, which, what);
      else
        exited(id, which, what.status);
    },
    event);
}

void command_task_machine::started(const task_id& id, task& which,
                                   time_point now) {
  if (which.reported == v1::TASK_STAGING || which.reported == v1::TASK_STARTING)
    report(id, v1::TASK_RUNNING, {});
  if (!which.completion_time || which.kill_asked)
    return;
  auto left = std::max(*which.completion_time - which.ran_for,
                       std::chrono::nanoseconds{0});
  set_deadline(id, which,
               now + std::chrono::duration_cast<clock_duration>(left));
}

void command_task_machine::failed(const task_id& id, task& which,
                                  const container_failed& how) {
  v1::TaskStatus news;
  news.set_message(how.text);
  news.set_source(v1::TaskStatus::SOURCE_AGENT);
  if (which.kill_asked || how.cancelled) {
    news.set_state(v1::TASK_KILLED);
    news.set_reason(v1::TaskStatus::REASON_TASK_KILLED_DURING_LAUNCH);
  } else if (how.never_started) {
    // The agent starts it anew.
    news.set_state(v1::TASK_STAGING);
    news.mutable_task_id()->set_value(id.text());
    set_deadline(id, which, std::nullopt);
    by_container_.erase(which.container);
    tasks_.erase(task_id{id});
    outputs_.push_back(std::move(news));
    return;
  } else {
    news.set_state(v1::TASK_FAILED);
    news.set_reason(v1::TaskStatus::REASON_CONTAINER_LAUNCH_FAILED);
  }
  end(id, std::move(news), now_);
}

void command_task_machine::exited(const task_id& id, task& which,
                                  const exit_status& how) {
  v1::TaskStatus news;
  news.set_message(describe_command_end(how));
  news.set_source(v1::TaskStatus::SOURCE_EXECUTOR);
  if (which.overdue) {
    news.set_state(v1::TASK_FAILED);
    news.set_reason(v1::TaskStatus::REASON_MAX_COMPLETION_TIME_REACHED);
  } else if (which.kill_asked) {
    news.set_state(v1::TASK_KILLED);
  } else if (how.success()) {
    news.set_state(v1::TASK_FINISHED);
  } else {
    news.set_state(v1::TASK_FAILED);
    news.set_reason(v1::TaskStatus::REASON_COMMAND_EXECUTOR_FAILED);
  }
  end(id, std::move(news), now_);
}

void command_task_machine::end(const task_id& id, v1::TaskStatus news,
                               time_point now) {
  auto found = tasks_.find(id);
  auto group = found->second.group;
  auto key = id;
  set_deadline(key, found->second, std::nullopt);
  by_container_.erase(found->second.container);
  tasks_.erase(found);
  auto good = news.state() == v1::TASK_FINISHED;
  news.mutable_task_id()->set_value(key.text());
  outputs_.push_back(std::move(news));
  if (good || group == 0)
    return;
  for (auto& [sibling, which] : tasks_)
    if (which.group == group && !which.kill_asked)
      begin_kill(sibling, which, group_kill_grace, now);
}

void command_task_machine::due(time_point now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    auto id = deadlines_.begin()->second;
    auto& which = tasks_.at(id);
    set_deadline(id, which, std::nullopt);
    which.overdue |= !which.kill_asked;
    outputs_.push_back(container_signal{which.container, kill_mode::kill});
  }
}

void command_task_machine::set_deadline(const task_id& id, task& which,
                                        std::optional<time_point> at) {
  if (which.deadline)
    deadlines_.erase({*which.deadline, id});
  which.deadline = at;
  if (at)
    deadlines_.emplace(*at, id);
}

std::vector<command_output> command_task_machine::take_outputs() {
  return std::exchange(outputs_, {});
}

void command_task_machine::report(const task_id& id, v1::TaskState state,
                                  std::string text) {
  tasks_.at(id).reported = state;
  v1::TaskStatus news;
  news.mutable_task_id()->set_value(id.text());
  news.set_state(state);
  news.set_source(v1::TaskStatus::SOURCE_EXECUTOR);
  if (!text.empty())
    news.set_message(std::move(text));
  outputs_.push_back(std::move(news));
}

std::string describe_command_end(const exit_status& how) {
  switch (how.how) {
    case exit_status::kind::exited:
      return "command exited with status " + std::to_string(how.code);
    case exit_status::kind::signaled: {
      auto name = ::sigdescr_np(how.signal);
      return "command terminated by signal " + std::to_string(how.signal) + " ("
             + (name != nullptr ? name : "unknown") + ")"
             + (how.core_dumped ? ", core dumped" : "");
    }
    default:
      return "how the command ended is " + to_string(how);
  }
}

} // namespace agora
