// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/master/framework_desk.hpp"
#include "actors/master/master_context.hpp"
#include "actors/master/task_desk.hpp"

namespace agora {

/// Answers the admin tool: from the applied state and the leader's books.
/// Owned by the master machine.
class tool_desk {
public:
  tool_desk(master_context& context, framework_desk& frameworks);

  /// Answers at once, or proposes what was asked for, or hands the request on
  /// to the allocator. Every request gets exactly one response.
  void handle(session_number session, session::ToolRequest& request);

  /// The allocator's answer to EXPLAIN.
  void explained(session_number session, uint64_t request_id,
                 session::FrameworkExplanation explanation);

  /// The allocator's answer for roles and frameworks.
  void shares_known(session_number session, const session::ToolRequest& request,
                    const share_report& shares);

  void failed(session_number session, uint64_t request_id,
              const status& reason);

  /// What a tool wanted was applied or rejected.
  void request_applied(const applied_entry& applied,
                       const proposed_for_tool& why);

private:
  void cluster_status(session::ClusterStatus& out);
  void list_agents(const session::GetAgents& query, session::AgentList& out);
  void list_offers(const session::GetOffers& query, session::OfferList& out);
  void list_tasks(const session::GetTasks& query, session::TaskList& out);
  void list_orphans(const session::GetOrphans& query, session::OrphanList& out);
  void list_frameworks(const session::GetFrameworks& query,
                       const share_report& shares, session::FrameworkList& out);
  void list_roles(const session::GetRoles& query, const share_report& shares,
                  session::RoleList& out);

  void kill(session_number session, const session::ToolRequest& request);
  void teardown(session_number session, const session::ToolRequest& request);
  void resolve_orphan(session_number session,
                      const session::ToolRequest& request);
  void mark_gone(session_number session, const session::ToolRequest& request);

  /// Steady time as people read it.
  int64_t wall_ns(offer_book::time_point at) const;

  master_context& context_;
  framework_desk& frameworks_;
};

} // namespace agora
