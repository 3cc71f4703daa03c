// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora/lookup.hpp"

#include "tools/agora/short_id.hpp"

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
  session::ToolRequest exact;
  exact.mutable_get_tasks()->mutable_task_id()->set_value(text);
  exact.mutable_get_tasks()->set_ended(true);
  exact.mutable_get_tasks()->set_with_info(true);
  auto answer = cluster.ask(std::move(exact));
  if (!answer)
    return answer.error();
  if (!answer->tasks().tasks().empty())
    return pick_task(text, answer->tasks().tasks(), "task");
  session::ToolRequest all;
  all.mutable_get_tasks()->set_ended(true);
  all.mutable_get_tasks()->set_with_info(true);
  answer = cluster.ask(std::move(all));
  if (!answer)
    return answer.error();
  auto found = pick_task(text, answer->tasks().tasks(), "task");
  if (!found && answer->tasks().truncated())
    return fail(code_of(found.error()),
                text_of(found.error())
                  + " among the newest tasks; write its whole id");
  return found;
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
