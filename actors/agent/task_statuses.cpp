// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/task_statuses.hpp"

#include "actors/agent/executor_lifecycle.hpp"
#include "actors/agent/kill_tasks.hpp"
#include "actors/agent/run_tasks.hpp"
#include "actors/agent/start_tasks.hpp"
#include "runtime/validation/task_states.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace agora {

namespace {

/// Only a custom executor in touch keeps its updates until it hears of them.
void acknowledge(agent_books& books, const executor_key& to,
                 const task_id& task, const std::string& uuid,
                 agent_effects& out) {
  auto executor = books.executors.find(to);
  if (executor == nullptr || executor->built_in() || !executor->reachable()
      || uuid.empty())
    return;
  v1::executor::Event event;
  event.set_type(v1::executor::Event::ACKNOWLEDGED);
  event.mutable_acknowledged()->mutable_task_id()->set_value(task.text());
  event.mutable_acknowledged()->set_uuid(uuid);
  out.now.push_back(tell_executor{to, std::move(event)});
}

/// What an executor may say of a task. STAGING, UNREACHABLE and the like are
/// other people's words.
bool is_executor_state(v1::TaskState state) {
  return state == v1::TASK_STARTING || state == v1::TASK_RUNNING
         || state == v1::TASK_KILLING || is_terminal(state);
}

void bound_size(const agent_limits& limits, v1::TaskStatus& news) {
  auto bytes = news.ByteSizeLong();
  if (bytes <= limits.status_bytes)
    return;
  auto whole = std::exchange(news, {});
  *news.mutable_task_id() = whole.task_id();
  news.set_state(whole.state());
  news.set_uuid(whole.uuid());
  if (whole.has_reason())
    news.set_reason(whole.reason());
  if (whole.has_source())
    news.set_source(whole.source());
  if (whole.has_timestamp())
    news.set_timestamp(whole.timestamp());
  if (whole.has_healthy())
    news.set_healthy(whole.healthy());
  news.set_message("data and labels were left out: the status had "
                   + std::to_string(bytes) + " bytes, and may have "
                   + std::to_string(limits.status_bytes));
}

/// A repeated update is told by its uuid. An executor that gives one uuid to
/// two states means two updates all the same: the second gets a uuid of its
/// own, or it would be taken for the first, and its acknowledgement too.
/// @returns whether the update is repeated.
bool recognise(agent_books& books, held_task& task, v1::TaskStatus& news) {
  auto given = news.uuid();
  if (given.empty())
    return false;
  auto taken = false;
  for (auto& known : task.reported) {
    if (known.given == given && known.state == news.state()) {
      news.set_uuid(known.own);
      return true;
    }
    taken |= known.given == given;
  }
  if (taken)
    news.set_uuid(books.next_uuid());
  remember_update(task, {std::move(given), news.uuid(), news.state()});
  return false;
}

/// As its executor knows the update.
const std::string& given_uuid(const held_task& task, const std::string& own) {
  for (auto& known : task.reported)
    if (known.own == own)
      return known.given;
  return own;
}

} // namespace

void remember_update(held_task& task, reported_update what) {
  if (task.reported.size() == reported_updates_limit)
    task.reported.erase(task.reported.begin());
  task.reported.push_back(std::move(what));
}

void name_launch(const agent_books& books, session::TaskStatusEntry& entry) {
  auto task = books.tasks.find({id_of<framework_id>(entry.framework_id()),
                                id_of<task_id>(entry.status().task_id())});
  if (task != nullptr && !task->launch.empty())
    set_wire(entry.mutable_launch_id(), task->launch);
}

bool take_update(agent_books& books, const executor_key& from,
                 v1::TaskStatus news, moment now, agent_effects& out) {
  auto id = id_of<task_id>(news.task_id());
  auto task = books.tasks.find({from.framework, id});
  auto mine = task != nullptr && task->executor == from
              && task->phase == task_phase::launched;
  auto executor = books.executors.find(from);
  if (mine && news.state() == v1::TASK_STAGING && executor != nullptr
      && executor->built_in()) {
    restart_unstarted(books, *task, out);
    return true;
  }
  if (!mine || !news.has_state() || !is_executor_state(news.state())) {
    acknowledge(books, from, id, news.uuid(), out);
    return false;
  }
  if (news.uuid().size() > update_uuid_bytes) {
    acknowledge(books, from, id, news.uuid(), out);
    news.clear_uuid();
  }
  bound_size(books.options.limits, news);
  auto repeated = false;
  if (executor != nullptr && !executor->built_in()) {
    news.set_source(v1::TaskStatus::SOURCE_EXECUTOR);
    repeated = recognise(books, *task, news);
  }
  books.complete(*task, news, now);
  if (task->ended() && (!repeated || task->settling)) {
    acknowledge(books, from, id, given_uuid(*task, news.uuid()), out);
    return false;
  }
  // A repeated one changes nothing; the status stream finds that out, and says
  // whether it is on disk. So is one that came before the last, and of which
  // this process does not know.
  repeated = repeated
             || (task->latest.timestamp() > news.timestamp()
                 && !is_terminal(news.state()));
  if (repeated)
    out.now.push_back(record_status{from.framework, std::move(news)});
  else
    books.record(*task, std::move(news), out);
  if (task->ended() && executor != nullptr && executor->built_in())
    kill_siblings(books, *task, now, out);
  return true;
}

void statuses_durable(agent_books& books, const framework_id& framework,
                      const std::vector<durable_status>& statuses,
                      agent_effects& out) {
  containers_forget ended;
  for (auto& news : statuses) {
    auto task = books.tasks.find({framework, news.task});
    if (task == nullptr)
      continue;
    if (task->superseded && is_terminal(news.state)
        && task->latest.uuid() == news.uuid)
      end_acknowledged(*task, out);
    auto executor = books.executors.find(task->executor);
    if (executor != nullptr && !executor->built_in()) {
      acknowledge(books, executor->key, news.task, given_uuid(*task, news.uuid),
                  out);
      continue;
    }
    if (!is_terminal(news.state))
      continue;
    // Not a custom executor's: that one has ended if it is not there.
    if (!task->container.empty()) {
      ended.containers.push_back(task->container);
      ended.sandboxes.push_back(task->sandbox);
    }
    if (executor != nullptr && executor->kind == executor_kind::group)
      end_group_executor(books, executor->key, out);
  }
  if (!ended.containers.empty())
    out.now.push_back(forget_containers{std::move(ended)});
}

void tasks_settled(agent_books& books, const framework_id& framework,
                   const std::vector<task_id>& tasks, moment now,
                   agent_effects& out) {
  for (auto& id : tasks) {
    task_key key{framework, id};
    auto task = books.tasks.find(key);
    if (task == nullptr)
      continue;
    auto executor = task->executor;
    books.tasks.erase(key);
    auto known = books.executors.find(executor);
    if (known != nullptr && known->kind == executor_kind::command
        && !books.tasks.has_executor(executor)) {
      if (known->asked)
        out.now.push_back(stop_executor{executor});
      books.executors.erase(executor);
    }
  }
  for (auto& id : tasks)
    for (auto& request : accept_postponed(books, {framework, id}, now, out))
      kill_task(books, request, now, out);
  books.drop_if_unused(framework, out);
}

} // namespace agora
