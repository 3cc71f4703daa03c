// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/recovery.hpp"

#include "actors/agent/executor_lifecycle.hpp"
#include "actors/agent/kill_tasks.hpp"
#include "actors/agent/task_statuses.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace agora {

namespace {

std::string hex_of(const std::string& bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (auto byte : bytes) {
    text += digits[(static_cast<unsigned char>(byte) >> 4) & 0xf];
    text += digits[static_cast<unsigned char>(byte) & 0xf];
  }
  return text;
}

void take_stored(held_task& task, const v1::TaskStatus& status) {
  if (status.source() == v1::TaskStatus::SOURCE_EXECUTOR
      && !task.executor.executor.empty())
    remember_update(task, {status.uuid(), status.uuid(), status.state()});
  task.latest = status;
}

void recover_executors(agent_books& books,
                       std::vector<checkpoint::ExecutorCheckpoint>& records,
                       bool rebooted, moment now, agent_effects& out) {
  for (auto& record : records) {
    held_executor executor;
    executor.info = std::move(*record.mutable_info());
    executor.key = {framework_id{record.framework_id()},
                    id_of<executor_id>(executor.info.executor_id())};
    executor.container = container_id{record.container_id()};
    executor.sandbox = record.sandbox();
    executor.kind = executor.container.empty() ? executor_kind::group
                                               : executor_kind::custom;
    if (executor.kind == executor_kind::group) {
      executor.phase = executor_phase::subscribed;
    } else if (rebooted) {
      out.batch.erase(books.keys.executor(executor.key));
      out.stored.push_back(forget_containers{
        containers_forget{{executor.container}, {executor.sandbox}}});
      continue;
    } else {
      executor.asked = true;
      executor.used = true;
      executor.recovered = true;
      executor.deadline
        = now.steady + books.options.timeouts.executor_reregistration;
      executor.shutdown_requested_ns = record.shutdown_requested_ns();
      if (executor.shutdown_requested_ns != 0)
        begin_end(books, executor, now);
      out.now.push_back(
        reattach_process{{executor.container, executor.sandbox}});
    }
    books.executors.insert(std::move(executor));
  }
}

/// The built-in executor of a recovered task, started if it is not.
held_executor& built_in_for(agent_books& books, const held_task& task,
                            agent_effects& out) {
  auto executor = books.executors.find(task.executor);
  if (executor == nullptr) {
    held_executor fresh;
    fresh.key = task.executor;
    fresh.kind = executor_kind::command;
    fresh.phase = executor_phase::subscribed;
    fresh.info.mutable_framework_id()->set_value(task.key.framework.text());
    fresh.info.mutable_executor_id()->set_value("");
    executor = &books.executors.insert(std::move(fresh));
  }
  if (!executor->asked) {
    executor->asked = true;
    executor->used = true;
    out.now.push_back(spawn_executor{executor->key});
  }
  return *executor;
}

/// For how long a task has been in its state, as the wall clock has it: the
/// only clock that a restart, and the disk, let through.
std::chrono::nanoseconds time_since(const v1::TaskStatus& latest, moment now) {
  if (!latest.has_timestamp() || !(latest.timestamp() > 0))
    return {};
  auto seconds
    = static_cast<double>(to_nanoseconds(now.wall)) / 1e9 - latest.timestamp();
  // Within what a count of nanoseconds holds.
  constexpr double longest = 1e9;
  return std::chrono::nanoseconds{
    static_cast<int64_t>(std::clamp(seconds, 0.0, longest) * 1e9)};
}

/// The groups of recovered tasks, which their executors get as a whole.
using group_launches
  = std::map<std::pair<executor_key, uint64_t>, v1::executor::Event>;

void resume_in_built_in(agent_books& books, held_task& task,
                        group_launches& groups, moment now,
                        agent_effects& out) {
  auto& executor = built_in_for(books, task, out);
  task.phase = task_phase::launched;
  out.now.push_back(place_task{executor.key,
                               {task.key.task, task.container, task.sandbox,
                                true, task.latest.state(), task.group,
                                time_since(task.latest, now)}});
  if (task.group != 0) {
    auto& event = groups[{executor.key, task.group}];
    event.set_type(v1::executor::Event::LAUNCH_GROUP);
    *event.mutable_launch_group()->mutable_task_group()->add_tasks()
      = task.info;
    return;
  }
  v1::executor::Event event;
  event.set_type(v1::executor::Event::LAUNCH);
  *event.mutable_launch()->mutable_task() = task.info;
  out.now.push_back(tell_executor{executor.key, std::move(event)});
}

void recover_task(agent_books& books, held_task& task, bool rebooted,
                  group_launches& groups, moment now, agent_effects& out) {
  task.phase = task_phase::launched;
  auto executor = books.executors.find(task.executor);
  auto custom = executor != nullptr && !executor->built_in();
  if (task.ended()) {
    // A custom executor's container is its own, and may well be running.
    if (!custom)
      out.now.push_back(
        forget_containers{containers_forget{{task.container}, {task.sandbox}}});
    return;
  }
  auto fail_with = [&](v1::TaskStatus::Reason reason, std::string text) {
    books.record(
      task,
      books.make_status(task, v1::TASK_FAILED, reason, std::move(text), now),
      out);
  };
  if (rebooted)
    fail_with(v1::TaskStatus::REASON_AGENT_RESTARTED,
              "the machine was rebooted");
  else if (executor == nullptr && !task.executor.executor.empty())
    fail_with(v1::TaskStatus::REASON_EXECUTOR_TERMINATED,
              "the executor ended while the agent was away");
  else if (task.container.empty() && !custom)
    // It was found invalid; its status got lost with the earlier process.
    fail_with(v1::TaskStatus::REASON_AGENT_RESTARTED,
              "the agent was restarted before it could start the task");
  else if (!custom)
    resume_in_built_in(books, task, groups, now, out);
}

} // namespace

void recover_agent(agent_books& books, agent_checkpoint stored,
                   const std::string& random, const std::string& boot_id,
                   moment now, agent_effects& out) {
  auto& identity = books.identity;
  identity = std::move(stored.identity);
  auto rebooted = identity.has_boot_id() && identity.boot_id() != boot_id;
  if (identity.uid().empty())
    identity.set_uid(hex_of(random));
  identity.set_incarnation(identity.incarnation() + 1);
  identity.set_boot_id(boot_id);
  books.store_identity(out);
  for (auto& record : stored.frameworks)
    books.frameworks[id_of<framework_id>(record.info().id())]
      = std::move(*record.mutable_info());
  std::vector<task_key> order;
  for (auto& record : stored.tasks) {
    auto task = held_task::from_checkpoint(std::move(record));
    books.group_seen(task.group);
    order.push_back(task.key);
    books.tasks.insert(std::move(task));
  }
  // In the order of their numbers: the last one wins.
  for (auto& record : stored.statuses)
    if (auto task
        = books.tasks.find({framework_id{record.framework_id()},
                            id_of<task_id>(record.status().task_id())}))
      take_stored(*task, record.status());
  recover_executors(books, stored.executors, rebooted, now, out);
  containers_known known;
  for (auto& [key, executor] : books.executors.all())
    if (!executor.container.empty())
      known.containers.push_back(executor.container);
  for (auto& key : order) {
    auto& task = *books.tasks.find(key);
    if (!task.ended() && !rebooted && !task.container.empty())
      known.containers.push_back(task.container);
  }
  out.now.insert(out.now.begin(), know_containers{std::move(known)});
  group_launches groups;
  for (auto& key : order)
    recover_task(books, *books.tasks.find(key), rebooted, groups, now, out);
  for (auto& [key, event] : groups)
    out.now.push_back(tell_executor{key.first, std::move(event)});
  for (auto& key : order) {
    auto& task = *books.tasks.find(key);
    auto executor = books.executors.find(task.executor);
    if (!task.ended() && task.kill_requested_ns != 0 && executor != nullptr
        && executor->built_in())
      out.now.push_back(tell_executor{executor->key, kill_event(task, now)});
  }
  std::vector<executor_key> group_executors;
  for (auto& [key, executor] : books.executors.all())
    if (executor.kind == executor_kind::group)
      group_executors.push_back(key);
  for (auto& key : group_executors)
    end_group_executor(books, key, out);
  for (auto at = books.frameworks.begin(); at != books.frameworks.end();) {
    auto id = (at++)->first;
    books.drop_if_unused(id, out);
  }
  out.stored.push_back(dial_masters{});
}

} // namespace agora
