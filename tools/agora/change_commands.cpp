// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora/change_commands.hpp"

#include "tools/agora/cluster_client.hpp"
#include "tools/agora/lookup.hpp"

namespace agora {

namespace {

// Asks for a change, and says what was done unless a program reads along.
tool_exit change(const tool_settings& settings, cluster_client& cluster,
                 session::ToolRequest request, const std::string& done) {
  auto answer = cluster.ask(std::move(request));
  if (!answer)
    return report(answer.error());
  return settings.json() ? print_json(answer->done()) : print_text(done + "\n");
}

} // namespace

tool_exit kill_task(const tool_settings& settings, const std::string& id) {
  cluster_client cluster{settings.masters, settings.timeout};
  auto task = find_task(cluster, id);
  if (!task)
    return report(task.error());
  session::ToolRequest request;
  *request.mutable_kill_task()->mutable_framework_id() = task->framework_id();
  *request.mutable_kill_task()->mutable_task_id() = task->task_id();
  return change(settings, cluster, std::move(request),
                "task " + task->task_id().value() + " is being killed");
}

tool_exit teardown_framework(const tool_settings& settings,
                             const std::string& framework) {
  cluster_client cluster{settings.masters, settings.timeout};
  auto found = find_framework(cluster, framework);
  if (!found)
    return report(found.error());
  session::ToolRequest request;
  *request.mutable_teardown_framework()->mutable_framework_id()
    = found->info().id();
  return change(settings, cluster, std::move(request),
                "framework " + found->info().id().value() + " ("
                  + found->info().name() + ") is ended, with "
                  + std::to_string(found->tasks()) + " tasks");
}

tool_exit mark_agent_gone(const tool_settings& settings,
                          const std::string& agent, bool force) {
  cluster_client cluster{settings.masters, settings.timeout};
  auto found = find_agent(cluster, agent);
  if (!found)
    return report(found.error());
  auto& id = found->info().id();
  auto tasks = std::to_string(found->tasks());
  session::ToolRequest request;
  *request.mutable_mark_agent_gone()->mutable_agent_id() = id;
  request.mutable_mark_agent_gone()->set_force(force);
  return change(settings, cluster, std::move(request),
                "agent " + id.value() + " on " + found->info().hostname()
                  + " is marked gone, with " + tasks + " tasks");
}

tool_exit resolve_orphan(const tool_settings& settings, const std::string& id,
                         session::ResolveOrphan::Decision decision) {
  cluster_client cluster{settings.masters, settings.timeout};
  auto orphan = find_orphan(cluster, id);
  if (!orphan)
    return report(orphan.error());
  session::ToolRequest request;
  auto& resolve = *request.mutable_resolve_orphan();
  *resolve.mutable_agent_id() = orphan->agent_id();
  *resolve.mutable_framework_id() = orphan->framework_id();
  *resolve.mutable_task_id() = orphan->task_id();
  resolve.set_decision(decision);
  return change(settings, cluster, std::move(request),
                "task " + orphan->task_id().value()
                  + (decision == session::ResolveOrphan::ADOPT
                       ? " is adopted"
                       : " is being killed"));
}

} // namespace agora
