// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/master_machine.hpp"

#include "actors/master/call_validator.hpp"
#include "actors/master/entry_application.hpp"
#include "runtime/base/check.hpp"

#include <algorithm>
#include <utility>

namespace agora {

master_machine::master_machine(master_settings settings, cluster_state state,
                               epoch own, time_point now, wall_time wall,
                               uint64_t applied_index)
  : context_{std::move(settings),
             std::move(state),
             {},
             {},
             {},
             offer_book{own},
             {},
             {},
             own,
             now,
             wall,
             applied_index,
             now,
             wall} {
  last_proposed_ns_ = context_.state.last_proposed_ns();
}

void master_machine::at(time_point now, wall_time wall) {
  context_.now = now;
  context_.wall = wall;
}

void master_machine::begin(const std::string& cluster_id) {
  if (context_.state.cluster_id().empty()) {
    cluster::Entry founded;
    founded.mutable_cluster_founded()->set_cluster_id(cluster_id);
    context_.out.propose(std::move(founded));
  }
  cluster::Entry term;
  auto& own = *term.mutable_term_started()->mutable_epoch();
  own.set_generation(context_.own_epoch.generation);
  own.set_term(context_.own_epoch.term);
  context_.out.propose(std::move(term));
  raise_version();
  agents_.begin();
  frameworks_.begin();
}

void master_machine::raise_version() {
  auto version = context_.state.version();
  if (version == 0 || version >= cluster_version)
    return;
  cluster::Entry raised;
  raised.mutable_cluster_version_raised()->set_version(cluster_version);
  context_.out.propose(std::move(raised));
}

// -- sessions -----------------------------------------------------------------

void master_machine::session_opened(session_number session) {
  context_.open_sessions.insert(session);
}

void master_machine::session_lost(const session_down& down) {
  context_.open_sessions.erase(down.number);
  calls_of_.erase(down.number);
  agents_.session_lost(down.number, down.reason, down.silent_for);
  frameworks_.session_lost(down.number, down.reason);
}

void master_machine::from_agent(session_number session,
                                session::AgentToMaster& body) {
  for (auto& message : *body.mutable_messages()) {
    if (message.has_attach()) {
      agents_.attach(session, *message.mutable_attach());
      continue;
    }
    // Before the attachment is applied, an agent has nothing to say; what it
    // says all the same, it will say again.
    if (auto agent = context_.agents.agent_of(session))
      handle(*agent, message);
  }
}

void master_machine::handle(const agent_id& agent,
                            session::AgentMessage& message) {
  switch (message.message_case()) {
    case session::AgentMessage::kTasksConfirmed:
      return tasks_.confirm(agent, message.tasks_confirmed());
    case session::AgentMessage::kStatuses:
      return tasks_.take_statuses(agent, *message.mutable_statuses());
    case session::AgentMessage::kExecutorEnded:
      return tasks_.executor_ended(agent, message.executor_ended());
    case session::AgentMessage::kFrameworkMessage:
      return tasks_.message_to_framework(agent, message.framework_message());
    case session::AgentMessage::kDetach:
      if (auto session = context_.agents.session_of(agent))
        context_.out.close(*session,
                           fail(errc::session_lost, message.detach().reason()));
      return;
    default:
      return; // Of a newer version, which knows that older ones ignore it.
  }
}

void master_machine::from_scheduler(session_number session,
                                    session::SchedulerToMaster& body) {
  if (!context_.open_sessions.contains(session))
    return; // Nobody is left who would hear of it.
  auto& number = calls_of_[session];
  for (auto& call : *body.mutable_calls())
    handle({session, ++number}, call);
}

void master_machine::handle(const call_origin& from,
                            v1::scheduler::Call& call) {
  auto session = from.session;
  auto name = v1::scheduler::Call::Type_Name(call.type());
  auto framework = context_.frameworks.framework_of(session);
  if (auto bad = check_call(call)) {
    if (!framework)
      return frameworks_.refuse(session, text_of(bad));
    // Its tasks and offers must not be left without an answer.
    if (call.type() == v1::scheduler::Call::ACCEPT)
      offers_.refuse(*framework, call.accept(), bad);
    return context_.out.refuse_call(from, call.type(), bad);
  }
  if (call.type() == v1::scheduler::Call::SUBSCRIBE) {
    if (!call.has_subscribe())
      return frameworks_.refuse(session, "SUBSCRIBE: subscribe is missing");
    if (framework)
      return; // A retry that crossed the answer.
    return frameworks_.subscribe(session, *call.mutable_subscribe());
  }
  if (!framework)
    return frameworks_.refuse(session,
                              name + " came before the framework subscribed");
  if (call.has_framework_id()
      && call.framework_id().value() != framework->text())
    return context_.out.refuse_call(
      from, call.type(),
      fail(errc::invalid_argument, name
                                     + ": framework_id is not that of this "
                                       "session's framework"));
  handle_subscribed(*framework, from, call);
}

void master_machine::handle_subscribed(const framework_id& framework,
                                       const call_origin& from,
                                       v1::scheduler::Call& call) {
  using wire = v1::scheduler::Call;
  switch (call.type()) {
    case wire::TEARDOWN:
      return frameworks_.teardown(framework, "torn down by its scheduler");
    case wire::ACCEPT:
      return offers_.accept(framework, *call.mutable_accept());
    case wire::DECLINE:
      return offers_.decline(framework, call.decline());
    case wire::REVIVE:
      return frameworks_.revive(framework, call.revive());
    case wire::SUPPRESS:
      return frameworks_.suppress(framework, call.suppress());
    case wire::KILL:
      return tasks_.kill(framework, call.kill());
    case wire::SHUTDOWN:
      return tasks_.shutdown_executor(framework, call.shutdown());
    case wire::ACKNOWLEDGE:
      return tasks_.acknowledge(framework, call.acknowledge());
    case wire::RECONCILE:
      return tasks_.reconcile(framework, call.reconcile());
    case wire::MESSAGE:
      return tasks_.message_to_executor(framework, call.message());
    case wire::UPDATE_FRAMEWORK:
      return frameworks_.update(framework, from,
                                *call.mutable_update_framework());
    case wire::ACCEPT_INVERSE_OFFERS:
    case wire::DECLINE_INVERSE_OFFERS:
    case wire::ACKNOWLEDGE_OPERATION_STATUS:
    case wire::RECONCILE_OPERATIONS:
    case wire::REQUEST:
      return; // About what this version never sends, or hints it may ignore.
    default:
      return context_.out.refuse_call(
        from, call.type(),
        fail(errc::invalid_argument,
             "the call has no type that this master knows"));
  }
}

void master_machine::from_tool(session_number session,
                               session::ToolRequests& body) {
  for (auto& request : *body.mutable_requests())
    tools_.handle(session, request);
}

// -- allocator ----------------------------------------------------------------

void master_machine::planned(planned_offers offers) {
  offers_.send_offers(std::move(offers));
}

void master_machine::explained(
  session_number session, uint64_t request_id,
  result<session::FrameworkExplanation> explanation) {
  if (!explanation)
    return tools_.failed(session, request_id, explanation.error());
  tools_.explained(session, request_id, std::move(*explanation));
}

void master_machine::shares_known(session_number session,
                                  const session::ToolRequest& request,
                                  result<share_report> shares) {
  if (!shares)
    return tools_.failed(session, request.id(), shares.error());
  tools_.shares_known(session, request, *shares);
}

// -- log ----------------------------------------------------------------------

uint32_t master_machine::version_of(const cluster::Entry& entry) const {
  if (entry.has_cluster_version_raised())
    return entry.cluster_version_raised().version();
  // A cluster begins with the newest version.
  auto version = context_.state.version();
  if (version == 0)
    version = cluster_version;
  AGORA_CHECK(since_version(entry.entry_case()) <= version);
  return version;
}

std::vector<std::string>
master_machine::stamp(std::vector<master_outbox::proposal> proposals) {
  last_proposed_ns_
    = std::max(last_proposed_ns_, to_nanoseconds(context_.wall));
  std::vector<std::string> payloads;
  payloads.reserve(proposals.size());
  for (auto& proposal : proposals) {
    proposal.entry.set_version(version_of(proposal.entry));
    proposal.entry.set_proposed_ns(last_proposed_ns_);
    payloads.push_back(proposal.entry.SerializeAsString());
    contexts_.push_back(std::move(proposal.why));
  }
  return payloads;
}

status master_machine::apply(const log_entry& entry, write_batch& changes) {
  return apply_entry(
    context_.state, entry, changes,
    [&](const applied_entry& applied, const cluster::Entry& parsed) {
      context_.applied_index = entry.index;
      // What an earlier leader proposed has nobody left to answer.
      if (entry.term != context_.own_epoch.term || entry.index < first_own_) {
        overtaken_ = true;
        return;
      }
      await_overtaken();
      AGORA_CHECK(!contexts_.empty());
      auto why = std::move(contexts_.front());
      contexts_.pop_front();
      spread(applied, parsed, std::move(why));
    });
}

void master_machine::await_overtaken() {
  if (!std::exchange(overtaken_, false))
    return;
  context_.agents.awaited = {};
  context_.frameworks.awaited = {};
  agents_.begin();
  frameworks_.begin();
}

void master_machine::skip(const log_entry& entry) {
  AGORA_CHECK(entry.kind != entry_kind::command);
  context_.applied_index = entry.index;
}

cluster_state master_machine::release_state() {
  return std::move(context_.state);
}

void master_machine::spread(const applied_entry& applied,
                            const cluster::Entry& entry, proposal_context why) {
  // A launch moves resources out of its offers; all others move them alone.
  if (auto* accept = std::get_if<proposed_accept>(&why))
    return offers_.launch_applied(applied, entry.tasks_accepted(),
                                  std::move(*accept));
  for (auto& change : applied.acquired)
    if (!applied.attached) // An attached agent is reported as a whole.
      context_.out.allocate(
        used_added{change.framework, change.role, change.agent, change.amount});
  for (auto& change : applied.released)
    context_.out.allocate(used_released{change.framework, change.role,
                                        change.agent, change.amount});
  if (auto* attach = std::get_if<proposed_attach>(&why))
    agents_.attachment_applied(applied, *attach);
  else if (auto* subscription = std::get_if<proposed_subscription>(&why))
    frameworks_.subscription_applied(applied, *subscription);
  else if (auto* update = std::get_if<proposed_update>(&why))
    frameworks_.update_applied(applied, *update);
  else if (auto* tool = std::get_if<proposed_for_tool>(&why))
    tools_.request_applied(applied, *tool);
  if (applied.rejected)
    return;
  tasks_.transitions_applied(applied,
                             applied.what == cluster::Entry::kTaskStatus
                               && entry.task_status().has_agent_incarnation());
  if (applied.acknowledged)
    tasks_.acknowledgement_applied(*applied.acknowledged);
  if (applied.kill)
    tasks_.kill_applied(*applied.kill);
  if (applied.agent_changed) {
    agents_.change_applied(*applied.agent_changed);
    if (applied.agent_changed->what != agent_change::kind::detached)
      tasks_.agent_lost(applied.agent_changed->agent);
  }
  if (applied.disconnected)
    frameworks_.disconnection_applied(*applied.disconnected);
  if (applied.ended)
    frameworks_.end_applied(*applied.ended);
  if (entry.has_task_adopted())
    agents_.adoption_applied(entry.task_adopted());
}

// -- time ---------------------------------------------------------------------

void master_machine::tick() {
  offers_.rescind_expired();
  agents_.give_up_overdue();
  frameworks_.end_overdue();
  tasks_.go_on_reconciling();
}

std::optional<master_machine::time_point>
master_machine::next_deadline() const {
  std::optional<time_point> earliest;
  for (auto next :
       {context_.offers.next_deadline(), context_.agents.awaited.next(),
        context_.frameworks.awaited.next()})
    if (next && (!earliest || *next < *earliest))
      earliest = next;
  if (tasks_.is_reconciling())
    earliest = context_.now;
  return earliest;
}

master_outbox master_machine::take_outbox() {
  return std::exchange(context_.out, {});
}

} // namespace agora
