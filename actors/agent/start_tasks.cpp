// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/start_tasks.hpp"

#include "actors/agent/executor_contract.hpp"
#include "actors/agent/executor_lifecycle.hpp"

#include <cstdint>
#include <map>
#include <utility>

namespace agora {

namespace {

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

bool takes_tasks(const held_executor& executor) {
  return executor.phase != executor_phase::ending
         && executor.phase != executor_phase::draining;
}

v1::TaskState dropped_state(bool partition_aware) {
  return partition_aware ? v1::TASK_DROPPED : v1::TASK_LOST;
}

v1::TaskState dropped_state(const agent_books& books,
                            const framework_id& framework) {
  return dropped_state(
    books.capable(framework, v1::FrameworkInfo::Capability::PARTITION_AWARE));
}

void start_stored_tasks(agent_books& books, const std::vector<task_key>& tasks,
                        moment now, agent_effects& out) {
  std::map<executor_key, launch_list> ready;
  std::set<executor_key> touched;
  for (auto& key : tasks) {
    auto task = books.tasks.find(key);
    if (task == nullptr || task->phase != task_phase::storing)
      continue;
    task->phase = task_phase::waiting;
    task->stored = true;
    touched.insert(task->executor);
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
    if (executor == nullptr || !takes_tasks(*executor)
        || (!executor->built_in() && executor->container != task->container)) {
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
  for (auto& key : touched)
    end_unneeded_executor(books, key, now, out);
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
