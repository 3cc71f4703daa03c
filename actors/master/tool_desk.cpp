// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/tool_desk.hpp"

#include "runtime/resources/resources_codec.hpp"

namespace agora {

namespace {

status may_be_well(const agent_record& agent) {
  return fail(errc::conflict,
              "agent " + agent.id.text() + " on " + agent.hostname
                + " is attached, or nothing tells yet that it is lost: its "
                + std::to_string(agent.tasks.size())
                + " tasks would be killed, and it would never be let in "
                  "again; say --force if that is meant");
}

} // namespace

tool_desk::tool_desk(master_context& context, framework_desk& frameworks)
  : context_(context), frameworks_(frameworks) {
  // nop
}

void tool_desk::failed(session_number session, uint64_t request_id,
                       const status& reason) {
  auto& error = *context_.out.to_tool(session, request_id).mutable_error();
  error.set_code(to_string(code_of(reason)));
  error.set_text(text_of(reason));
}

void tool_desk::handle(session_number session, session::ToolRequest& request) {
  using wire = session::ToolRequest;
  auto id = request.id();
  auto& out = context_.out;
  switch (request.request_case()) {
    case wire::kGetStatus:
      return cluster_status(*out.to_tool(session, id).mutable_status());
    case wire::kGetAgents:
      return list_agents(request.get_agents(),
                         *out.to_tool(session, id).mutable_agents());
    case wire::kGetOffers:
      return list_offers(request.get_offers(),
                         *out.to_tool(session, id).mutable_offers());
    case wire::kGetTasks:
      return list_tasks(request.get_tasks(),
                        *out.to_tool(session, id).mutable_tasks());
    case wire::kGetOrphans:
      return list_orphans(request.get_orphans(),
                          *out.to_tool(session, id).mutable_orphans());
    case wire::kGetFrameworks:
    case wire::kGetRoles:
    case wire::kExplainFramework:
      out.queries.push_back({session, std::move(request)});
      return;
    case wire::kKillTask:
      return kill(session, request);
    case wire::kTeardownFramework:
      return teardown(session, request);
    case wire::kResolveOrphan:
      return resolve_orphan(session, request);
    case wire::kMarkAgentGone:
      return mark_gone(session, request);
    default:
      return failed(session, id,
                    fail(errc::invalid_argument,
                         "the master does not know this request; is the tool "
                         "newer than the master?"));
  }
}

void tool_desk::kill(session_number session,
                     const session::ToolRequest& request) {
  auto& asked = request.kill_task();
  task_key key{id_of<framework_id>(asked.framework_id()),
               id_of<task_id>(asked.task_id())};
  auto bad = can_kill(context_.state, key);
  // A launch that is under way is applied before the request is.
  if (bad && !context_.overlay.contains(key))
    return failed(session, request.id(), bad);
  cluster::Entry entry;
  auto& wanted = *entry.mutable_kill_requested();
  copy_id(wanted.mutable_framework_id(), asked.framework_id());
  copy_id(wanted.mutable_task_id(), asked.task_id());
  context_.out.propose(std::move(entry),
                       proposed_for_tool{session, request.id()});
}

void tool_desk::teardown(session_number session,
                         const session::ToolRequest& request) {
  auto framework
    = id_of<framework_id>(request.teardown_framework().framework_id());
  if (auto bad = can_end_framework(context_.state, framework, std::nullopt))
    return failed(session, request.id(), bad);
  frameworks_.teardown(framework, "torn down by an operator",
                       proposed_for_tool{session, request.id()});
}

void tool_desk::resolve_orphan(session_number session,
                               const session::ToolRequest& request) {
  auto& asked = request.resolve_orphan();
  auto agent = id_of<agent_id>(asked.agent_id());
  task_key key{id_of<framework_id>(asked.framework_id()),
               id_of<task_id>(asked.task_id())};
  auto* orphan = context_.agents.find_orphan(agent, key);
  auto agent_session = context_.agents.session_of(agent);
  if (orphan == nullptr || !agent_session)
    return failed(
      session, request.id(),
      fail(errc::not_found,
           "agent " + agent.text() + " holds no orphan " + to_string(key)));
  if (asked.decision() == session::ResolveOrphan::KILL) {
    auto& wanted = *context_.out.to_agent(*agent_session).mutable_kill_task();
    copy_id(wanted.mutable_framework_id(), asked.framework_id());
    copy_id(wanted.mutable_task_id(), asked.task_id());
    context_.agents.remove_orphan(agent, key);
    context_.out.to_tool(session, request.id()).mutable_done();
    return;
  }
  if (asked.decision() != session::ResolveOrphan::ADOPT)
    return failed(session, request.id(),
                  fail(errc::invalid_argument, "decision is not set"));
  cluster::Entry entry;
  auto& adopted = *entry.mutable_task_adopted();
  copy_id(adopted.mutable_framework_id(), asked.framework_id());
  copy_id(adopted.mutable_agent_id(), asked.agent_id());
  auto& task = *adopted.mutable_task();
  copy_id(task.mutable_task_id(), asked.task_id());
  task.set_name(orphan->info().name());
  task.set_task_info(orphan->info().SerializeAsString());
  *task.mutable_resources() = orphan->info().resources();
  if (orphan->info().has_executor()) {
    copy_id(task.mutable_executor_id(),
            orphan->info().executor().executor_id());
    *task.mutable_executor_resources() = orphan->info().executor().resources();
  }
  if (orphan->has_launch_id())
    set_wire(adopted.mutable_launch_id(), launch_id_of(orphan->launch_id()));
  *adopted.mutable_status() = orphan->latest_status();
  adopted.mutable_status()->clear_uuid();
  if (entry.ByteSizeLong() > entry_bytes_limit)
    return failed(session, request.id(),
                  fail(errc::too_large, "the task's description and status are "
                                        "too large for the log"));
  auto* framework = context_.state.find_framework(key.framework);
  adopted.set_role(framework != nullptr && framework->info.roles_size() > 0
                     ? framework->info.roles(0)
                     : "*");
  auto demand = can_adopt(context_.state, adopted);
  if (!demand)
    return failed(session, request.id(), demand.error());
  context_.out.propose(std::move(entry),
                       proposed_for_tool{session, request.id()});
}

void tool_desk::mark_gone(session_number session,
                          const session::ToolRequest& request) {
  auto& asked = request.mark_agent_gone().agent_id();
  auto id = id_of<agent_id>(asked);
  if (auto bad = can_mark_gone(context_.state, id))
    return failed(session, request.id(), bad);
  auto* agent = context_.state.find_agent(id);
  // What the log says counts: of a master that has just started, an agent that
  // is well has perhaps not attached yet.
  if (agent->attached() && !request.mark_agent_gone().force())
    return failed(session, request.id(), may_be_well(*agent));
  cluster::Entry entry;
  copy_id(entry.mutable_agent_gone()->mutable_agent_id(), asked);
  context_.out.propose(std::move(entry),
                       proposed_for_tool{session, request.id()});
}

void tool_desk::request_applied(const applied_entry& applied,
                                const proposed_for_tool& why) {
  if (applied.rejected)
    return failed(why.session, why.request_id, applied.rejected);
  context_.out.to_tool(why.session, why.request_id).mutable_done();
}

void tool_desk::explained(session_number session, uint64_t request_id,
                          session::FrameworkExplanation explanation) {
  *context_.out.to_tool(session, request_id).mutable_explanation()
    = std::move(explanation);
}

void tool_desk::shares_known(session_number session,
                             const session::ToolRequest& request,
                             const share_report& shares) {
  auto& response = context_.out.to_tool(session, request.id());
  if (request.has_get_roles())
    return list_roles(request.get_roles(), shares, *response.mutable_roles());
  list_frameworks(request.get_frameworks(), shares,
                  *response.mutable_frameworks());
}

} // namespace agora
