// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/launch_overlay.hpp"

#include "runtime/base/check.hpp"

namespace agora {

namespace {

/// Calls `f` for each task of the entry.
template <class F>
void for_each_task(const cluster::TasksAccepted& entry, F f) {
  for (auto& launch : entry.launches())
    for (auto& task : launch.tasks())
      f(task);
}

} // namespace

pending_launches launch_overlay::pending(const framework_id& framework,
                                         const agent_id& agent) const {
  pending_launches result;
  if (auto found = agents_.find(agent); found != agents_.end()) {
    result.amount = found->second.amount;
    result.agent_tasks = found->second.tasks;
  }
  if (auto found = tasks_.find(framework); found != tasks_.end())
    result.proposed = &found->second;
  auto from = std::pair{agent, executor_key{framework, executor_id{}}};
  for (auto it = executors_.lower_bound(from); it != executors_.end(); ++it) {
    if (it->first.first != agent || it->first.second.framework != framework)
      break;
    result.executors.insert(it->first.second.executor);
  }
  return result;
}

bool launch_overlay::contains(const task_key& key) const {
  auto found = tasks_.find(key.framework);
  return found != tasks_.end() && found->second.contains(key.task);
}

void launch_overlay::add(const cluster::TasksAccepted& entry,
                         const resources& amount,
                         const std::set<executor_id>& executors) {
  auto agent = id_of<agent_id>(entry.agent_id());
  auto framework = id_of<framework_id>(entry.framework_id());
  auto& on_agent = agents_[agent];
  on_agent.amount += amount;
  auto& tasks = tasks_[framework];
  for_each_task(entry, [&](const cluster::AcceptedTask& task) {
    tasks.insert(id_of<task_id>(task.task_id()));
    ++on_agent.tasks;
  });
  for (auto& executor : executors)
    ++executors_[{agent, executor_key{framework, executor}}];
}

void launch_overlay::remove(const cluster::TasksAccepted& entry,
                            const resources& amount,
                            const std::set<executor_id>& executors) {
  auto framework = id_of<framework_id>(entry.framework_id());
  auto agent = agents_.find(id_of<agent_id>(entry.agent_id()));
  AGORA_CHECK(agent != agents_.end());
  for (auto& executor : executors) {
    auto found = executors_.find({agent->first, {framework, executor}});
    AGORA_CHECK(found != executors_.end());
    if (--found->second == 0)
      executors_.erase(found);
  }
  auto tasks = tasks_.find(framework);
  AGORA_CHECK(tasks != tasks_.end());
  for_each_task(entry, [&](const cluster::AcceptedTask& task) {
    tasks->second.erase(id_of<task_id>(task.task_id()));
    --agent->second.tasks;
  });
  agent->second.amount -= amount;
  if (agent->second.tasks == 0)
    agents_.erase(agent);
  if (tasks->second.empty())
    tasks_.erase(tasks);
}

} // namespace agora
