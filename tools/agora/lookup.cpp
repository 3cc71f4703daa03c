// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora/lookup.hpp"

#include "tools/agora/short_id.hpp"

#include <limits>
#include <utility>

namespace agora {

namespace {

// "FRAMEWORK/TASK" if the user has written such a thing, "TASK" otherwise.
template <class Task>
std::string id_text(const Task& task, bool with_framework) {
  return with_framework
           ? task.framework_id().value() + "/" + task.task_id().value()
           : task.task_id().value();
}

template <class Tasks>
auto pick_task(const std::string& text, const Tasks& tasks,
               const std::string& kind)
  -> result<std::decay_t<decltype(*tasks.begin())>> {
  auto with_framework = text.find('/') != std::string::npos;
  std::vector<std::string> ids;
  size_t exact = 0;
  for (const auto& task : tasks) {
    ids.push_back(id_text(task, with_framework));
    exact += ids.back() == text ? 1 : 0;
  }
  if (exact > 1)
    return fail(errc::conflict, "several frameworks have a task \"" + text
                                  + "\"; write FRAMEWORK/TASK");
  auto found = find_id(text, ids, kind);
  if (!found)
    return found.error();
  return tasks[static_cast<int>(*found)];
}

/// Tasks by their very id, of one framework or of any, described in full.
result<session::TaskList> tasks_by_id(cluster_client& cluster,
                                      const std::string& framework,
                                      const std::string& task) {
  session::ToolRequest request;
  auto& query = *request.mutable_get_tasks();
  query.mutable_task_id()->set_value(task);
  if (!framework.empty())
    query.mutable_framework_id()->set_value(framework);
  query.set_ended(true);
  query.set_with_info(true);
  auto answer = cluster.ask(std::move(request));
  if (!answer)
    return answer.error();
  return std::move(*answer->mutable_tasks());
}

/// By TASK or FRAMEWORK/TASK, both in full; there may be none.
result<session::TaskList> named_tasks(cluster_client& cluster,
                                      const std::string& text) {
  auto found = tasks_by_id(cluster, "", text);
  auto slash = text.find('/');
  if (!found || !found->tasks().empty() || slash == std::string::npos)
    return found;
  return tasks_by_id(cluster, text.substr(0, slash), text.substr(slash + 1));
}

} // namespace

result<session::FrameworkSummary> find_framework(cluster_client& cluster,
                                                 const std::string& text) {
  session::ToolRequest request;
  request.mutable_get_frameworks()->set_ended(true);
  auto answer = cluster.ask(std::move(request));
  if (!answer)
    return answer.error();
  const auto& frameworks = answer->frameworks().frameworks();
  std::vector<std::string> ids;
  std::vector<int> named;
  for (int i = 0; i < frameworks.size(); ++i) {
    ids.push_back(frameworks[i].info().id().value());
    if (frameworks[i].info().name() == text && frameworks[i].state() != "ended")
      named.push_back(i);
  }
  if (named.size() == 1)
    return frameworks[named.front()];
  auto found = find_id(text, ids, "framework");
  if (!found)
    return found.error();
  return frameworks[static_cast<int>(*found)];
}

result<session::AgentSummary> find_agent(cluster_client& cluster,
                                         const std::string& text) {
  session::ToolRequest request;
  request.mutable_get_agents()->set_gone(true);
  auto answer = cluster.ask(std::move(request));
  if (!answer)
    return answer.error();
  const auto& agents = answer->agents().agents();
  std::vector<std::string> ids;
  for (const auto& agent : agents)
    ids.push_back(agent.info().id().value());
  auto found = find_id(text, ids, "agent");
  if (!found)
    return found.error();
  return agents[static_cast<int>(*found)];
}

result<session::TaskSummary> find_task(cluster_client& cluster,
                                       const std::string& text) {
  // First what is there by this very id, however many tasks there are.
  auto named = named_tasks(cluster, text);
  if (!named)
    return named.error();
  if (!named->tasks().empty())
    return pick_task(text, named->tasks(), "task");
  session::ToolRequest all;
  all.mutable_get_tasks()->set_ended(true);
  all.mutable_get_tasks()->set_limit(std::numeric_limits<uint32_t>::max());
  auto answer = cluster.ask(std::move(all));
  if (!answer)
    return answer.error();
  // One that was not looked at may be meant as well.
  if (answer->tasks().truncated())
    return fail(errc::not_found,
                "there is no task \"" + text
                  + "\", and there are too many to look for ids that begin "
                    "so; write its whole id");
  auto found = pick_task(text, answer->tasks().tasks(), "task");
  if (!found)
    return found;
  auto full = tasks_by_id(cluster, found->framework_id().value(),
                          found->task_id().value());
  if (!full)
    return full.error();
  return pick_task(text, full->tasks(), "task");
}

result<session::Orphan> find_orphan(cluster_client& cluster,
                                    const std::string& text) {
  session::ToolRequest request;
  request.mutable_get_orphans();
  auto answer = cluster.ask(std::move(request));
  if (!answer)
    return answer.error();
  return pick_task(text, answer->orphans().orphans(), "orphan");
}

} // namespace agora
