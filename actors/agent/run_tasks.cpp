// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/run_tasks.hpp"

#include "actors/agent/executor_contract.hpp"
#include "actors/agent/launch_validator.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace agora {

namespace {

void take_framework(agent_books& books, const v1::FrameworkInfo& info,
                    agent_effects& out) {
  auto id = id_of<framework_id>(info.id());
  auto& known = books.frameworks[id];
  if (known.SerializeAsString() == info.SerializeAsString())
    return;
  known = info;
  checkpoint::FrameworkCheckpoint record;
  *record.mutable_info() = info;
  out.batch.put(books.keys.framework(id), record.SerializeAsString());
}

/// Finds or makes the executor of a launch.
/// @returns nothing if the one there is takes no tasks any more.
held_executor* take_executor(agent_books& books, const launch_judgement& judged,
                             const executor_key& key, agent_effects& out) {
  if (auto known = books.executors.find(key)) {
    auto open = known->phase != executor_phase::ending
                && known->phase != executor_phase::draining;
    return open ? known : nullptr;
  }
  held_executor fresh;
  fresh.key = key;
  fresh.kind = judged.kind;
  if (judged.executor)
    fresh.info = *judged.executor;
  fresh.info.mutable_framework_id()->set_value(key.framework.text());
  fresh.info.mutable_executor_id()->set_value(key.executor.text());
  if (fresh.built_in())
    fresh.phase = executor_phase::subscribed;
  if (fresh.kind == executor_kind::custom) {
    fresh.container = books.next_container();
    fresh.sandbox = sandbox_path(books, key.framework, key.executor.text(),
                                 fresh.container);
  }
  if (fresh.kind != executor_kind::command)
    out.batch.put(books.keys.executor(key),
                  fresh.to_checkpoint().SerializeAsString());
  return &books.executors.insert(std::move(fresh));
}

void refuse(agent_books& books, held_task& task, v1::TaskState state,
            v1::TaskStatus::Reason reason, std::string text, moment now) {
  task.refusal = books.make_status(task, state, reason, std::move(text), now);
}

v1::TaskState dropped_state(const agent_books& books,
                            const framework_id& framework) {
  return books.capable(framework,
                       v1::FrameworkInfo::Capability::PARTITION_AWARE)
           ? v1::TASK_DROPPED
           : v1::TASK_LOST;
}

/// Takes one launch, none of whose tasks is held yet.
void take_launch(agent_books& books, const framework_id& framework,
                 session::TaskLaunch& launch, moment now,
                 std::vector<task_key>& taken, agent_effects& out) {
  auto judged = judge_launch(launch);
  executor_key key{framework, {}};
  if (judged.executor != nullptr && !judged.refused)
    key.executor = id_of<executor_id>(judged.executor->executor_id());
  auto full = books.tasks.size() + static_cast<size_t>(launch.tasks_size())
              > books.options.limits.tasks;
  held_executor* executor = nullptr;
  if (!judged.refused && !full)
    executor = take_executor(books, judged, key, out);
  auto group = launch.has_group_executor() ? books.next_group() : 0;
  for (auto& info : *launch.mutable_tasks()) {
    held_task task;
    task.key = {framework, id_of<task_id>(info.task_id())};
    if (books.tasks.find(task.key) != nullptr)
      continue; // twice in one group
    task.executor = key;
    task.info = std::move(info);
    task.group = group;
    task.latest.set_state(v1::TASK_STAGING);
    if (judged.refused)
      refuse(books, task, v1::TASK_ERROR, judged.reason, judged.text, now);
    else if (full)
      refuse(books, task, v1::TASK_FAILED,
             v1::TaskStatus::REASON_CONTAINER_LAUNCH_FAILED,
             "this agent holds " + std::to_string(books.tasks.size())
               + " tasks, and no more than "
               + std::to_string(books.options.limits.tasks),
             now);
    else if (executor == nullptr)
      refuse(books, task, dropped_state(books, framework),
             v1::TaskStatus::REASON_EXECUTOR_TERMINATED,
             "executor '" + key.executor.text() + "' is ending", now);
    else if (executor->kind == executor_kind::custom) {
      task.container = executor->container;
      task.sandbox = executor->sandbox;
    } else {
      task.container = books.next_container();
      task.sandbox
        = sandbox_path(books, framework, task.key.task.text(), task.container);
    }
    out.batch.put(books.keys.task(task.key),
                  task.to_checkpoint().SerializeAsString());
    taken.push_back(task.key);
    books.tasks.insert(std::move(task));
  }
}

/// One task alone, or the tasks of one group.
void launch(held_executor& executor, const std::vector<held_task*>& tasks,
            agent_effects& out) {
  executor.used = true;
  for (auto task : tasks) {
    task->phase = task_phase::launched;
    if (executor.built_in())
      out.now.push_back(
        place_task{executor.key,
                   {task->key.task, task->container, task->sandbox, false,
                    v1::TASK_STAGING, task->group}});
  }
  v1::executor::Event event;
  if (tasks.front()->group == 0) {
    event.set_type(v1::executor::Event::LAUNCH);
    *event.mutable_launch()->mutable_task() = tasks.front()->info;
  } else {
    event.set_type(v1::executor::Event::LAUNCH_GROUP);
    auto group = event.mutable_launch_group()->mutable_task_group();
    for (auto task : tasks)
      *group->add_tasks() = task->info;
  }
  out.now.push_back(tell_executor{executor.key, std::move(event)});
}

/// What one executor is to launch, by group; group 0 is a list of loners.
using launch_list = std::map<uint64_t, std::vector<held_task*>>;

void launch_all(held_executor& executor, const launch_list& list,
                agent_effects& out) {
  for (auto& [group, tasks] : list) {
    if (group != 0)
      launch(executor, tasks, out);
    else
      for (auto task : tasks)
        launch(executor, {task}, out);
  }
}

bool contains_task(const postponed_launch& held, const framework_id& framework,
                   const task_id& task) {
  auto& tasks = held.launch.tasks();
  return held.framework.id().value() == framework.text()
         && std::any_of(tasks.begin(), tasks.end(), [&](auto& info) {
              return info.task_id().value() == task.text();
            });
}

void postpone(agent_books& books, const v1::FrameworkInfo& framework,
              session::TaskLaunch& launch) {
  auto id = id_of<framework_id>(framework.id());
  auto first = id_of<task_id>(launch.tasks(0).task_id());
  for (auto& held : books.postponed)
    if (contains_task(held, id, first))
      return; // sent again by another attachment
  books.postponed.push_back({framework, std::move(launch), {}});
}

void ask_for(agent_books& books, held_executor& executor, agent_effects& out) {
  if (executor.asked)
    return;
  executor.asked = true;
  if (executor.built_in())
    out.now.push_back(spawn_executor{executor.key});
  else
    out.now.push_back(start_process{executor_process(books, executor)});
}

} // namespace

size_t accept_run_tasks(agent_books& books, session::RunTasks& request,
                        moment now, agent_effects& out) {
  auto framework = id_of<framework_id>(request.framework().id());
  size_t unanswerable = 0;
  session::AgentMessage answer;
  auto confirmed = answer.mutable_tasks_confirmed();
  confirmed->mutable_framework_id()->set_value(framework.text());
  std::vector<task_key> taken;
  for (auto& launch : *request.mutable_launches()) {
    auto usable
      = !framework.empty() && framework.text().size() <= stored_id_bytes;
    for (auto& info : launch.tasks())
      usable = usable && !info.task_id().value().empty()
               && info.task_id().value().size() <= stored_id_bytes;
    auto& executor
      = launch.has_group_executor() ? launch.group_executor().executor_id()
        : launch.tasks_size() > 0   ? launch.tasks(0).executor().executor_id()
                                    : v1::ExecutorID::default_instance();
    if (!usable || launch.tasks_size() == 0
        || executor.value().size() > stored_id_bytes) {
      unanswerable += static_cast<size_t>(launch.tasks_size());
      continue;
    }
    auto held = false;
    auto settling = false;
    for (auto& info : launch.tasks())
      if (auto old
          = books.tasks.find({framework, id_of<task_id>(info.task_id())})) {
        held |= !old->settling;
        settling |= old->settling;
      }
    if (settling && !held) {
      postpone(books, request.framework(), launch);
      continue;
    }
    for (auto& info : launch.tasks())
      *confirmed->add_task_ids() = info.task_id();
    if (held)
      continue;
    take_framework(books, request.framework(), out);
    take_launch(books, framework, launch, now, taken, out);
  }
  if (confirmed->task_ids_size() > 0)
    out.stored.push_back(tell_master{std::move(answer)});
  if (!taken.empty())
    out.stored.push_back(start_tasks{std::move(taken)});
  return unanswerable;
}

void settle_task(agent_books& books, const task_key& key,
                 const std::string& uuid) {
  auto task = books.tasks.find(key);
  if (task != nullptr && task->ended() && task->latest.uuid() == uuid)
    task->settling = true;
}

bool postpone_kill(agent_books& books, const session::KillTask& request) {
  for (auto& held : books.postponed)
    if (contains_task(held, id_of<framework_id>(request.framework_id()),
                      id_of<task_id>(request.task_id()))) {
      std::erase_if(held.kills, [&](auto& older) {
        return older.task_id().value() == request.task_id().value();
      });
      held.kills.push_back(request);
      return true;
    }
  return false;
}

std::vector<session::KillTask> accept_postponed(agent_books& books, moment now,
                                                agent_effects& out) {
  std::vector<session::KillTask> kills;
  for (auto& held : std::exchange(books.postponed, {})) {
    session::RunTasks request;
    *request.mutable_framework() = std::move(held.framework);
    *request.add_launches() = std::move(held.launch);
    auto waiting = books.postponed.size();
    accept_run_tasks(books, request, now, out);
    auto& wanted
      = books.postponed.size() > waiting ? books.postponed.back().kills : kills;
    wanted.insert(wanted.end(), std::make_move_iterator(held.kills.begin()),
                  std::make_move_iterator(held.kills.end()));
  }
  return kills;
}

void start_stored_tasks(agent_books& books, const std::vector<task_key>& tasks,
                        moment now, agent_effects& out) {
  std::map<executor_key, launch_list> ready;
  for (auto& key : tasks) {
    auto task = books.tasks.find(key);
    if (task == nullptr || task->phase != task_phase::storing)
      continue;
    task->phase = task_phase::waiting;
    if (task->refused()) {
      books.record(*task, std::move(task->refusal), out);
      continue;
    }
    auto executor = books.executors.find(task->executor);
    if (task->kill_requested_ns != 0) {
      books.record(
        *task,
        books.make_status(*task, v1::TASK_KILLED,
                          v1::TaskStatus::REASON_TASK_KILLED_DURING_LAUNCH,
                          "killed before it was started", now),
        out);
      continue;
    }
    if (executor == nullptr || executor->phase == executor_phase::ending
        || executor->phase == executor_phase::draining) {
      books.record(*task,
                   books.make_status(*task, dropped_state(books, key.framework),
                                     v1::TaskStatus::REASON_EXECUTOR_TERMINATED,
                                     "executor '"
                                       + task->executor.executor.text()
                                       + "' ended before it got the task",
                                     now),
                   out);
      continue;
    }
    ask_for(books, *executor, out);
    if (executor->reachable())
      ready[executor->key][task->group].push_back(task);
  }
  for (auto& [key, list] : ready)
    launch_all(*books.executors.find(key), list, out);
}

void launch_waiting(agent_books& books, held_executor& executor,
                    agent_effects& out) {
  launch_list list;
  for (auto task : books.tasks.of_executor(executor.key))
    if (task->phase == task_phase::waiting && !task->ended())
      list[task->group].push_back(task);
  launch_all(executor, list, out);
}

void restart_unstarted(agent_books& books, held_task& task,
                       agent_effects& out) {
  out.stored.push_back(
    forget_containers{containers_forget{{task.container}, {}}});
  task.container = books.next_container();
  task.sandbox = sandbox_path(books, task.key.framework, task.key.task.text(),
                              task.container);
  task.phase = task_phase::storing;
  out.batch.put(books.keys.task(task.key),
                task.to_checkpoint().SerializeAsString());
  out.stored.push_back(start_tasks{{task.key}});
}

} // namespace agora
