// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/agent_desk.hpp"

#include "actors/master/task_statuses.hpp"
#include "runtime/resources/resources_codec.hpp"
#include "runtime/validation/required_fields.hpp"

#include <map>

namespace agora {

namespace {

/// Of what an agent says about why it leaves.
constexpr size_t reason_bytes_limit = 1024;

task_key key_of(const session::HeldTask& held) {
  return {id_of<framework_id>(held.framework_id()),
          id_of<task_id>(held.task_id())};
}

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
    context_.out.allocate(agent_offerable{agent, record->info.hostname(),
                                          record->total, usage_of(*record)});
    context_.out.allocate(agent_withdrawn{agent});
    return;
  }
  auto attachment
    = context_.agents.attach(agent, why.session, applied.attached->incarnation);
  // The answer comes before anything else that the agent is told.
  auto at = context_.out.agents[why.session].size();
  context_.out.to_agent(why.session).mutable_attached();
  auto orphans = sort_out_held(why.session, *record, why.request);
  confirm_held(*record, why.request);
  std::set<task_key> held;
  for (auto& task : why.request.tasks())
    if (!is_earlier_end(context_.state, key_of(task), task.latest_status()))
      held.insert(key_of(task));
  sort_out_missing(*record, held);
  sort_out_executors(why.session, *record, why.request, held);
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
  context_.out.allocate(agent_offerable{agent, record->info.hostname(),
                                        record->total, usage_of(*record),
                                        attachment});
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

void agent_desk::confirm_held(const agent_record& agent,
                              const session::AttachAgent& request) {
  std::map<framework_id, cluster::Entry> notes;
  for (auto& held : request.tasks()) {
    auto key = key_of(held);
    auto* task = context_.state.find_task(key);
    if (task == nullptr || task->confirmed || task->agent->id != agent.id
        || is_earlier_end(context_.state, key, held.latest_status()))
      continue;
    auto& note = *notes[key.framework].mutable_tasks_confirmed();
    *note.mutable_framework_id() = held.framework_id();
    note.mutable_agent_id()->set_value(agent.id.text());
    *note.add_task_ids() = held.task_id();
  }
  for (auto& [framework, note] : notes)
    context_.out.propose(std::move(note));
}

void agent_desk::take_over(const task_record& task,
                           const session::HeldTask& held) {
  cluster::Entry entry;
  auto& logged = *entry.mutable_task_status();
  logged.mutable_framework_id()->set_value(task.framework->id.text());
  auto& newer = *logged.mutable_status();
  newer = held.latest_status();
  if (newer.ByteSizeLong() > description_bytes_limit)
    newer.clear_data();
  newer.mutable_task_id()->set_value(*task.id);
  newer.mutable_agent_id()->set_value(task.agent->id.text());
  if (task.state == v1::TASK_UNREACHABLE) {
    newer.set_source(v1::TaskStatus::SOURCE_MASTER);
    newer.set_reason(v1::TaskStatus::REASON_AGENT_REREGISTERED);
    newer.set_message("its agent is back");
  }
  newer.clear_uuid();
  context_.out.propose(std::move(entry));
}

std::vector<session::HeldTask>
agent_desk::sort_out_held(session_number session, const agent_record& agent,
                          const session::AttachAgent& request) {
  std::vector<session::HeldTask> orphans;
  for (auto& held : request.tasks()) {
    auto key = key_of(held);
    auto& latest = held.latest_status();
    auto* task = context_.state.find_task(key);
    if (task != nullptr && is_earlier_end(context_.state, key, latest)) {
      acknowledge(session, held);
      continue;
    }
    if (task != nullptr) {
      if (task->agent->id != agent.id) {
        if (!is_terminal(latest.state())
            && orphans.size() < context_.settings.orphans_per_agent)
          orphans.push_back(held);
        continue;
      }
      if (latest.has_state() && task->state != latest.state()
          && !task->terminal() && !is_terminal(latest.state()))
        take_over(*task, held);
      if (task->kill_requested && !is_terminal(latest.state())) {
        auto& kill = *context_.out.to_agent(session).mutable_kill_task();
        *kill.mutable_framework_id() = held.framework_id();
        *kill.mutable_task_id() = held.task_id();
        if (task->kill_policy)
          *kill.mutable_kill_policy() = *task->kill_policy;
      }
      continue;
    }
    auto* framework = context_.state.find_framework(key.framework);
    auto over = context_.state.find_ended_task(key) != nullptr
                || (framework != nullptr && framework->has_ended());
    if (!over) {
      // A task that has ended runs nothing: its last status goes on to its
      // framework, and the acknowledgement back.
      if (!is_terminal(latest.state())
          && orphans.size() < context_.settings.orphans_per_agent)
        orphans.push_back(held);
      continue;
    }
    if (!is_terminal(latest.state())) {
      auto& kill = *context_.out.to_agent(session).mutable_kill_task();
      *kill.mutable_framework_id() = held.framework_id();
      *kill.mutable_task_id() = held.task_id();
    }
    if (!latest.uuid().empty())
      acknowledge(session, held);
  }
  return orphans;
}

void agent_desk::acknowledge(session_number session,
                             const session::HeldTask& held) {
  auto& known = *context_.out.to_agent(session).mutable_acknowledge();
  *known.mutable_framework_id() = held.framework_id();
  *known.mutable_task_id() = held.task_id();
  known.set_uuid(held.latest_status().uuid());
}

void agent_desk::sort_out_missing(const agent_record& agent,
                                  const std::set<task_key>& held) {
  // What goes back to the agent, by framework; groups stay together.
  std::map<framework_id, std::vector<proposed_launch>> again;
  std::map<const task_group*, std::pair<framework_id, size_t>> groups;
  for (auto* task : agent.tasks) {
    if (task->terminal() || held.contains(task->key()))
      continue;
    if (task->confirmed) {
      auto state = dropped_or_lost(task->framework->partition_aware);
      cluster::Entry entry;
      auto& logged = *entry.mutable_task_status();
      logged.mutable_framework_id()->set_value(task->framework->id.text());
      *logged.mutable_status()
        = make_status(task->key().task, agent.id,
                      {state, v1::TaskStatus::REASON_RECONCILIATION,
                       "its agent does not know the task any more"},
                      context_.wall);
      context_.out.propose(std::move(entry));
      continue;
    }
    v1::TaskInfo info;
    if (!info.ParseFromString(task->task_info))
      continue; // Checked when it was accepted.
    auto& launches = again[task->framework->id];
    if (task->group) {
      auto [found, first] = groups.try_emplace(
        task->group.get(), task->framework->id, launches.size());
      if (!first) {
        launches[found->second.second].tasks.push_back(std::move(info));
        continue;
      }
      v1::ExecutorInfo executor;
      executor.ParseFromString(task->group->executor);
      launches.push_back({{std::move(info)}, std::move(executor)});
      continue;
    }
    launches.push_back({{std::move(info)}, std::nullopt});
  }
  for (auto& [framework, launches] : again)
    offers_.run_tasks(agent.id, framework, std::move(launches));
  // After what it is to end: the agent may have got neither.
  auto session = context_.agents.session_of(agent.id);
  for (auto* task : agent.tasks) {
    if (task->terminal() || held.contains(task->key()) || task->confirmed
        || !task->kill_requested)
      continue;
    auto& kill = *context_.out.to_agent(*session).mutable_kill_task();
    kill.mutable_framework_id()->set_value(task->framework->id.text());
    kill.mutable_task_id()->set_value(*task->id);
    if (task->kill_policy)
      *kill.mutable_kill_policy() = *task->kill_policy;
  }
}

void agent_desk::sort_out_executors(session_number session,
                                    const agent_record& agent,
                                    const session::AttachAgent& request,
                                    const std::set<task_key>& held_tasks) {
  std::set<executor_key> held;
  for (auto& executor : request.executors()) {
    executor_key key{id_of<framework_id>(executor.framework_id()),
                     id_of<executor_id>(executor.info().executor_id())};
    auto* framework = context_.state.find_framework(key.framework);
    if (framework != nullptr && framework->has_ended()) {
      auto& down = *context_.out.to_agent(session).mutable_shutdown_framework();
      *down.mutable_framework_id() = executor.framework_id();
    }
    held.insert(std::move(key));
  }
  for (auto& [key, executor] : agent.executors) {
    // One whose tasks go to the agent again starts with them. Of tasks that the
    // agent has already, the executor has ended: it would be listed.
    auto waits = false;
    for (auto* task : agent.tasks)
      waits = waits
              || (!task->confirmed && !task->terminal()
                  && task->framework->id == key.framework
                  && task->executor.text() == key.executor.text()
                  && !held_tasks.contains(
                    task_key{key.framework, task_id{*task->id}}));
    if (held.contains(key) || waits)
      continue;
    cluster::Entry entry;
    auto& ended = *entry.mutable_executor_ended();
    ended.mutable_framework_id()->set_value(key.framework.text());
    ended.mutable_agent_id()->set_value(agent.id.text());
    ended.mutable_executor_id()->set_value(key.executor.text());
    context_.out.propose(std::move(entry));
  }
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
