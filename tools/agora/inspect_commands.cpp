// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora/inspect_commands.hpp"

#include "tools/agora/cluster_client.hpp"
#include "tools/agora/lookup.hpp"

#include <cstdio>

namespace agora {

namespace {

using session::ToolRequest;
using session::ToolResponse;

// Asks, picks a part of the answer, and shows it.
template <class Pick>
tool_exit show(const tool_settings& settings, cluster_client& cluster,
               ToolRequest request, Pick pick) {
  auto answer = cluster.ask(std::move(request));
  if (!answer)
    return report(answer.error());
  const auto& part = pick(*answer);
  if (settings.json())
    return print_json(part);
  return print_text(view_of(part, style_of(settings)));
}

template <class Pick>
tool_exit show(const tool_settings& settings, ToolRequest request, Pick pick) {
  cluster_client cluster{settings.masters, settings.timeout};
  return show(settings, cluster, std::move(request), pick);
}

} // namespace

tool_exit show_status(const tool_settings& settings) {
  cluster_client cluster{settings.masters, settings.timeout};
  ToolRequest request;
  request.mutable_get_status();
  auto answer = cluster.ask(std::move(request));
  if (!answer)
    return report(answer.error());
  if (settings.json())
    return print_json(answer->status());
  return print_text(
    view_of(answer->status(), cluster.answered_by(), style_of(settings)));
}

tool_exit show_agents(const tool_settings& settings, bool gone) {
  ToolRequest request;
  request.mutable_get_agents()->set_gone(gone);
  return show(settings, std::move(request), [](const ToolResponse& answer) {
    return answer.agents();
  });
}

tool_exit show_frameworks(const tool_settings& settings, bool ended) {
  ToolRequest request;
  request.mutable_get_frameworks()->set_ended(ended);
  return show(settings, std::move(request), [](const ToolResponse& answer) {
    return answer.frameworks();
  });
}

tool_exit show_roles(const tool_settings& settings) {
  ToolRequest request;
  request.mutable_get_roles();
  return show(settings, std::move(request), [](const ToolResponse& answer) {
    return answer.roles();
  });
}

tool_exit show_offers(const tool_settings& settings) {
  ToolRequest request;
  request.mutable_get_offers();
  return show(settings, std::move(request), [](const ToolResponse& answer) {
    return answer.offers();
  });
}

tool_exit show_tasks(const tool_settings& settings, const task_filter& filter) {
  cluster_client cluster{settings.masters, settings.timeout};
  ToolRequest request;
  auto& query = *request.mutable_get_tasks();
  query.set_ended(filter.ended);
  if (!filter.state.empty()) {
    auto state = parse_state(filter.state);
    if (!state)
      return report(fail(errc::invalid_config,
                         "--state: no such state: \"" + filter.state
                           + "\"; there are staging, starting, running, "
                             "killing, finished, failed, killed, error, lost, "
                             "dropped, unreachable, gone"));
    query.add_states(*state);
    query.set_ended(true);
  }
  if (!filter.framework.empty()) {
    auto framework = find_framework(cluster, filter.framework);
    if (!framework)
      return report(framework.error());
    *query.mutable_framework_id() = framework->info().id();
  }
  if (!filter.agent.empty()) {
    auto agent = find_agent(cluster, filter.agent);
    if (!agent)
      return report(agent.error());
    *query.mutable_agent_id() = agent->info().id();
  }
  return show(settings, cluster, std::move(request),
              [](const ToolResponse& answer) {
                return answer.tasks();
              });
}

tool_exit show_task(const tool_settings& settings, const std::string& id) {
  cluster_client cluster{settings.masters, settings.timeout};
  auto task = find_task(cluster, id);
  if (!task)
    return report(task.error());
  if (settings.json())
    return print_json(*task);
  return print_text(detail_of(*task, style_of(settings)));
}

tool_exit show_orphans(const tool_settings& settings) {
  ToolRequest request;
  request.mutable_get_orphans();
  return show(settings, std::move(request), [](const ToolResponse& answer) {
    return answer.orphans();
  });
}

tool_exit explain_offers(const tool_settings& settings,
                         const std::string& framework) {
  cluster_client cluster{settings.masters, settings.timeout};
  auto found = find_framework(cluster, framework);
  if (!found)
    return report(found.error());
  ToolRequest request;
  *request.mutable_explain_framework()->mutable_framework_id()
    = found->info().id();
  return show(settings, cluster, std::move(request),
              [](const ToolResponse& answer) {
                return answer.explanation();
              });
}

tool_exit show_log(const tool_settings& settings, const std::string& id,
                   const std::string& path, bool follow) {
  cluster_client cluster{settings.masters, settings.timeout};
  auto task = find_task(cluster, id);
  if (!task)
    return report(task.error());
  file_request what;
  what.framework = task->framework_id();
  what.task = task->task_id();
  what.path = path;
  what.follow = follow;
  what.answer_timeout = settings.timeout;
  // Who does not follow wants to know at once that the agent is cut off.
  if (!follow)
    what.failures_limit = 0;
  auto outcome = cluster.read(
    task->agent_id(), std::move(what), [](std::string_view chunk) -> status {
      if (std::fwrite(chunk.data(), 1, chunk.size(), stdout) != chunk.size()
          || std::fflush(stdout) != 0)
        return fail(errc::io_failed, "cannot write to standard output");
      return {};
    });
  return outcome ? report(outcome) : tool_exit::ok;
}

} // namespace agora
