// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/agent_desk.hpp"

#include "actors/master/attachment_sorter.hpp"
#include "runtime/resources/resources_codec.hpp"
#include "runtime/validation/required_fields.hpp"

#include <map>

namespace agora {

namespace {

/// Of what an agent says about why it leaves.
constexpr size_t reason_bytes_limit = 1024;

status check_request(const session::AttachAgent& request,
                     const epoch& own_epoch) {
  if (request.uid().empty())
    return fail(errc::invalid_argument, "uid is empty");
  if (auto bad = check_required(request.info(), "info"))
    return bad;
  if (request.info().ByteSizeLong() + request.software().size()
        + request.boot_id().size()
      > description_bytes_limit)
    return fail(errc::too_large, "info, software and boot_id are larger than "
                                   + std::to_string(description_bytes_limit)
                                   + " bytes");
  auto total = resources_from_wire(request.info().resources());
  if (!total)
    return fail(errc::invalid_resources,
                "info.resources: " + text_of(total.error()));
  epoch seen{request.epoch().generation(), request.epoch().term()};
  if (seen > own_epoch)
    return fail(errc::stale_epoch, "the agent obeys epoch " + to_string(seen)
                                     + "; this master leads with "
                                     + to_string(own_epoch) + " only");
  return {};
}

std::vector<usage> usage_of(const agent_record& agent) {
  std::vector<usage> result;
  for (auto& one : agent.usage)
    result.push_back({one.framework, one.role, one.amount});
  return result;
}

} // namespace

agent_desk::agent_desk(master_context& context, offer_desk& offers)
  : context_(context), offers_(offers) {
  // nop
}

void agent_desk::begin() {
  auto deadline = context_.now + context_.settings.agent_reattach_timeout;
  context_.state.for_each_agent([&](const agent_record& agent) {
    if (agent.counted())
      context_.agents.awaited.set(agent.id, deadline);
    return true;
  });
}

void agent_desk::refuse(session_number session, const status& why) {
  auto& refused = *context_.out.to_agent(session).mutable_refused();
  refused.set_code(to_string(code_of(why)));
  refused.set_text(text_of(why));
  context_.out.close(session, why);
}

void agent_desk::attach(session_number session, session::AttachAgent& request) {
  if (auto bad = check_request(request, context_.own_epoch))
    return refuse(session, bad);
  if (auto bad = check_session(session, request.uid()))
    return refuse(session, bad);
  cluster::Entry entry;
  auto* known = context_.state.find_agent_by_uid(request.uid());
  if (known == nullptr) {
    if (!request.agent_id().value().empty())
      return refuse(session,
                    fail(errc::not_found,
                         "agent " + request.agent_id().value()
                           + " is not known to this cluster; if its work "
                             "directory comes from another one, start it with "
                             "an empty one"));
    auto& admitted = *entry.mutable_agent_admitted();
    admitted.set_uid(request.uid());
    admitted.set_incarnation(request.incarnation());
    *admitted.mutable_info() = request.info();
    admitted.set_software(request.software());
    admitted.set_boot_id(request.boot_id());
    if (auto bad = can_admit(context_.state, admitted))
      return refuse(session, bad);
  } else {
    auto& claimed = request.agent_id().value();
    if (!claimed.empty() && claimed != known->id.text())
      return refuse(session,
                    fail(errc::conflict, "the agent calls itself " + claimed
                                           + ", and is known here as "
                                           + known->id.text()));
    auto& attached = *entry.mutable_agent_attached();
    attached.mutable_agent_id()->set_value(known->id.text());
    attached.set_incarnation(request.incarnation());
    *attached.mutable_info() = request.info();
    attached.set_software(request.software());
    attached.set_boot_id(request.boot_id());
    if (auto bad = can_attach(context_.state, attached))
      return refuse(session, bad);
    // What was on offer is void from here on, so that nothing is accepted
    // between this proposal and its application.
    if (auto older = context_.agents.session_of(known->id)) {
      withdraw(known->id);
      if (*older != session)
        context_.out.close(
          *older, fail(errc::stale_incarnation, "the agent attached anew"));
    }
  }
  auto& newest = attaching_[request.uid()];
  if (newest.number != 0 && newest.session != session)
    context_.out.close(
      newest.session, fail(errc::stale_incarnation, "the agent attached anew"));
  newest = {++last_proposed_, session};
  attaching_sessions_[session] = request.uid();
  context_.out.propose(
    std::move(entry),
    proposed_attach{session, last_proposed_, std::move(request)});
}

status agent_desk::check_session(session_number session,
                                 const std::string& uid) const {
  auto other = false;
  if (auto agent = context_.agents.agent_of(session)) {
    auto* record = context_.state.find_agent(*agent);
    other = record == nullptr || record->uid != uid;
  }
  if (auto found = attaching_sessions_.find(session);
      found != attaching_sessions_.end())
    other = other || found->second != uid;
  if (!other)
    return {};
  return fail(errc::conflict, "this session belongs to another agent already");
}

void agent_desk::withdraw(const agent_id& agent) {
  offers_.void_agent(agent);
  context_.agents.detach(agent);
  context_.out.allocate(agent_withdrawn{agent});
}

void agent_desk::session_lost(session_number session, const status& reason,
                              std::chrono::nanoseconds silent_for) {
  attaching_sessions_.erase(session);
  auto agent = context_.agents.agent_of(session);
  if (!agent)
    return;
  withdraw(*agent);
  log_loss(*context_.state.find_agent(*agent), text_of(reason),
           context_.settings.agent_timeout - silent_for);
}

void agent_desk::log_loss(const agent_record& agent, std::string reason,
                          std::chrono::nanoseconds patience) {
  context_.agents.awaited.set(agent.id, context_.now + patience);
  cluster::Entry entry;
  auto& lost = *entry.mutable_agent_detached();
  lost.mutable_agent_id()->set_value(agent.id.text());
  lost.set_incarnation(agent.incarnation);
  if (reason.size() > reason_bytes_limit)
    reason.resize(reason_bytes_limit);
  lost.set_reason(std::move(reason));
  context_.out.propose(std::move(entry));
}

void agent_desk::give_up_overdue() {
  auto& settings = context_.settings;
  if (context_.now - rate_second_ >= std::chrono::seconds{1}) {
    rate_second_ = context_.now;
    marked_in_second_ = 0;
  }
  auto left = settings.unreachable_per_second - marked_in_second_;
  for (auto& agent : context_.agents.awaited.take_due(context_.now, left)) {
    ++marked_in_second_;
    auto* record = context_.state.find_agent(agent);
    // One that is coming back is not given up: its attachment takes it out of
    // the queue, or, rejected, puts it back.
    if (record == nullptr || !record->counted()
        || attaching_.contains(record->uid))
      continue;
    if (record->attached()) {
      // It was attached to an earlier leader, and never came to this one.
      cluster::Entry lost;
      auto& note = *lost.mutable_agent_detached();
      note.mutable_agent_id()->set_value(agent.text());
      note.set_incarnation(record->incarnation);
      note.set_reason("not seen since the master started");
      context_.out.propose(std::move(lost));
    }
    cluster::Entry entry;
    entry.mutable_agent_unreachable()->mutable_agent_id()->set_value(
      agent.text());
    context_.out.propose(std::move(entry));
  }
}

void agent_desk::attachment_applied(const applied_entry& applied,
                                    const proposed_attach& why) {
  auto& uid = why.request.uid();
  auto newest = attaching_.find(uid);
  auto is_newest = newest->second.number == why.number;
  if (is_newest) {
    attaching_.erase(newest);
    attaching_sessions_.erase(why.session);
  }
  if (applied.rejected) {
    refuse(why.session, applied.rejected);
    if (is_newest)
      attachment_failed(uid);
    return;
  }
  auto& agent = applied.attached->agent;
  auto* record = context_.state.find_agent(agent);
  if (!is_newest) {
    // Another attachment of the same agent follows in the log. What is offered
    // and said before it would be undone by it: nothing is.
    context_.out.allocate(agent_offerable{agent, record->hostname,
                                          record->total, usage_of(*record)});
    context_.out.allocate(agent_withdrawn{agent});
    return;
  }
  auto attachment
    = context_.agents.attach(agent, why.session, applied.attached->incarnation);
  // The answer comes before anything else that the agent is told.
  auto at = context_.out.agents[why.session].size();
  context_.out.to_agent(why.session).mutable_attached();
  auto orphans
    = attachment_sorter{context_, offers_, why.session, *record, why.request}
        .sort_out();
  auto& answer = *context_.out.agents[why.session][at].mutable_attached();
  answer.mutable_agent_id()->set_value(agent.text());
  answer.set_cluster_id(context_.state.cluster_id());
  answer.mutable_epoch()->set_generation(context_.own_epoch.generation);
  answer.mutable_epoch()->set_term(context_.own_epoch.term);
  for (auto& orphan : orphans) {
    auto& ref = *answer.add_orphans();
    *ref.mutable_framework_id() = orphan.framework_id();
    *ref.mutable_task_id() = orphan.task_id();
  }
  context_.agents.set_orphans(agent, std::move(orphans));
  context_.out.allocate(agent_offerable{agent, record->hostname, record->total,
                                        usage_of(*record), attachment});
  if (!context_.open_sessions.contains(why.session))
    session_lost(why.session, fail(errc::session_lost, "it ended at once"), {});
}

void agent_desk::attachment_failed(const std::string& uid) {
  auto* agent = context_.state.find_agent_by_uid(uid);
  if (agent == nullptr || !agent->counted()
      || context_.agents.attached(agent->id)
      || context_.agents.awaited.contains(agent->id))
    return;
  // Its older session was given up for this one.
  if (agent->attached())
    return log_loss(*agent, "its new attachment was refused",
                    context_.settings.agent_timeout);
  context_.agents.awaited.set(agent->id,
                              context_.now + context_.settings.agent_timeout);
}

void agent_desk::change_applied(const agent_change& change) {
  if (change.what == agent_change::kind::detached)
    return;
  if (auto session = context_.agents.session_of(change.agent)) {
    withdraw(change.agent);
    context_.out.close(*session, fail(errc::conflict,
                                      "the agent was marked unreachable or "
                                      "gone"));
  }
  context_.agents.awaited.erase(change.agent);
  context_.out.allocate(agent_removed{change.agent});
}

void agent_desk::adoption_applied(const cluster::TaskAdopted& adopted) {
  auto agent = id_of<agent_id>(adopted.agent_id());
  // What is on offer of the agent may overlap with what the task uses.
  offers_.rescind_agent(agent);
  context_.agents.remove_orphan(agent,
                                {id_of<framework_id>(adopted.framework_id()),
                                 id_of<task_id>(adopted.task().task_id())});
  auto session = context_.agents.session_of(agent);
  if (!session)
    return;
  auto& adopt = *context_.out.to_agent(*session).mutable_adopt_task();
  *adopt.mutable_framework_id() = adopted.framework_id();
  *adopt.mutable_task_id() = adopted.task().task_id();
}

} // namespace agora
