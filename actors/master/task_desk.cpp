// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/task_desk.hpp"

#include "actors/master/task_statuses.hpp"
#include "storage/cluster/cluster_rules.hpp"

namespace agora {

namespace {

/// Tasks that one entry confirms. An agent that holds more of one framework
/// without having confirmed them says so again when it attaches.
constexpr int tasks_per_confirmation = 10'000;

} // namespace

task_desk::task_desk(master_context& context) : context_(context) {
  // nop
}

// -- sending ------------------------------------------------------------------

void task_desk::forward(const framework_id& framework,
                        const v1::TaskStatus& update) {
  auto session = context_.frameworks.session_of(framework);
  // Who is away hears it on return: from the agent, which sends it again, or
  // from the log.
  if (!session)
    return;
  *context_.out.to_scheduler(*session, v1::scheduler::Event::UPDATE)
     .mutable_update()
     ->mutable_status()
    = update;
}

void task_desk::acknowledge_to_agent(const agent_id& agent, const task_key& key,
                                     const std::string& uuid) {
  auto session = context_.agents.session_of(agent);
  if (!session)
    return;
  auto& note = *context_.out.to_agent(*session).mutable_acknowledge();
  note.mutable_framework_id()->set_value(key.framework.text());
  note.mutable_task_id()->set_value(key.task.text());
  note.set_uuid(uuid);
}

void task_desk::kill_on_agent(const agent_id& agent, const task_key& key,
                              const v1::KillPolicy* policy) {
  auto session = context_.agents.session_of(agent);
  if (!session)
    return;
  auto& kill = *context_.out.to_agent(*session).mutable_kill_task();
  kill.mutable_framework_id()->set_value(key.framework.text());
  kill.mutable_task_id()->set_value(key.task.text());
  if (policy != nullptr)
    *kill.mutable_kill_policy() = *policy;
}

// -- from agents --------------------------------------------------------------

void task_desk::confirm(const agent_id& agent,
                        const session::TasksConfirmed& note) {
  cluster::Entry entry;
  auto& confirmed = *entry.mutable_tasks_confirmed();
  auto framework = id_of<framework_id>(note.framework_id());
  for (auto& id : note.task_ids()) {
    auto* task = context_.state.find_task({framework, id_of<task_id>(id)});
    if (task != nullptr && !task->confirmed && task->agent->id == agent
        && confirmed.task_ids_size() < tasks_per_confirmation)
      copy_id(confirmed.add_task_ids(), id);
  }
  if (confirmed.task_ids().empty())
    return;
  copy_id(confirmed.mutable_framework_id(), note.framework_id());
  confirmed.mutable_agent_id()->set_value(agent.text());
  context_.out.propose(std::move(entry));
}

void task_desk::take_statuses(const agent_id& agent,
                              session::TaskStatuses& statuses) {
  for (auto& entry : *statuses.mutable_entries())
    take_status(agent, entry);
}

void task_desk::take_status(const agent_id& agent,
                            session::TaskStatusEntry& reported) {
  auto& update = *reported.mutable_status();
  if (!update.has_state())
    return;
  // An entry of the log holds it, and every member of the cluster.
  if (update.ByteSizeLong() > description_bytes_limit) {
    update.clear_data();
    update.set_message("its data was too large for the master");
  }
  if (update.ByteSizeLong() > description_bytes_limit)
    return;
  task_key key{id_of<framework_id>(reported.framework_id()),
               id_of<task_id>(update.task_id())};
  update.mutable_agent_id()->set_value(agent.text());
  auto launch = launch_id_of(reported.launch_id());
  auto fate = fate_of(context_.state, key, launch, context_.applied_index);
  auto* task = context_.state.find_task(key);
  if (fate != launch_fate::live || task->agent->id != agent)
    return take_unknown(agent, key, update, fate);
  cluster::Entry entry;
  auto& logged = *entry.mutable_task_status();
  copy_id(logged.mutable_framework_id(), reported.framework_id());
  *logged.mutable_status() = update;
  logged.set_agent_incarnation(context_.agents.incarnation_of(agent));
  if (!launch.empty())
    set_wire(logged.mutable_launch_id(), launch);
  auto bad = can_log_status(context_.state, logged);
  if (!bad) {
    context_.out.propose(std::move(entry));
    if (!is_terminal(update.state()))
      forward(key.framework, update);
    return;
  }
  // It was logged before, and comes again because its framework has not
  // acknowledged it.
  if (!is_terminal(task->state) || task->status_uuid() == update.uuid())
    return forward(key.framework, update);
  // The log has another end for this task, which is final.
  acknowledge_to_agent(agent, key, update.uuid());
  if (!is_terminal(update.state()))
    kill_on_agent(agent, key, nullptr);
}

void task_desk::take_unknown(const agent_id& agent, const task_key& key,
                             const v1::TaskStatus& update, launch_fate fate) {
  // Orphans are held by their agent and report nothing.
  if (context_.agents.find_orphan(agent, key) != nullptr)
    return;
  // The task of this name is somewhere else.
  if (fate == launch_fate::live) {
    if (is_terminal(update.state()))
      acknowledge_to_agent(agent, key, update.uuid());
    return;
  }
  // A framework that runs may still want to hear of a task that the log does
  // not know.
  if (fate == launch_fate::unknown
      && context_.state.find_framework(key.framework) != nullptr)
    return forward(key.framework, update);
  acknowledge_to_agent(agent, key, update.uuid());
  // A launch that follows on the same agent ends the earlier one. A kill would
  // arrive after it, and mean the later one.
  auto* later = context_.state.find_task(key);
  auto followed
    = later != nullptr && later->agent->id == agent && !later->terminal();
  if (fate == launch_fate::over && !is_terminal(update.state()) && !followed)
    kill_on_agent(agent, key, nullptr);
}

void task_desk::executor_ended(const agent_id& agent,
                               const session::ExecutorEnded& note) {
  auto framework = id_of<framework_id>(note.framework_id());
  executor_key key{framework, id_of<executor_id>(note.executor_id())};
  if (auto session = context_.frameworks.session_of(framework)) {
    auto& event
      = context_.out.to_scheduler(*session, v1::scheduler::Event::FAILURE);
    auto& failure = *event.mutable_failure();
    failure.mutable_agent_id()->set_value(agent.text());
    *failure.mutable_executor_id() = note.executor_id();
    failure.set_status(note.status());
  }
  if (context_.state.find_executor(agent, key) == nullptr)
    return;
  cluster::Entry entry;
  auto& ended = *entry.mutable_executor_ended();
  copy_id(ended.mutable_framework_id(), note.framework_id());
  ended.mutable_agent_id()->set_value(agent.text());
  copy_id(ended.mutable_executor_id(), note.executor_id());
  context_.out.propose(std::move(entry));
}

void task_desk::message_to_framework(const agent_id& agent,
                                     const session::FrameworkMessage& message) {
  auto session = context_.frameworks.session_of(
    id_of<framework_id>(message.framework_id()));
  if (!session)
    return;
  auto& event
    = context_.out.to_scheduler(*session, v1::scheduler::Event::MESSAGE);
  auto& note = *event.mutable_message();
  note.mutable_agent_id()->set_value(agent.text());
  *note.mutable_executor_id() = message.executor_id();
  note.set_data(message.data());
}

// -- from frameworks ----------------------------------------------------------

void task_desk::acknowledge(const framework_id& framework,
                            const v1::scheduler::Call::Acknowledge& call) {
  task_key key{framework, id_of<task_id>(call.task_id())};
  if (!can_acknowledge(context_.state, key, call.uuid())) {
    cluster::Entry entry;
    auto& done = *entry.mutable_status_acknowledged();
    done.mutable_framework_id()->set_value(framework.text());
    copy_id(done.mutable_task_id(), call.task_id());
    done.set_uuid(call.uuid());
    context_.out.propose(std::move(entry));
    return;
  }
  auto* task = context_.state.find_task(key);
  // A terminal state's acknowledgement must be logged before its agent forgets
  // the task; what does not fit the log's state is of an update that came
  // before, or of one that the log does not know.
  acknowledge_to_agent(task != nullptr ? task->agent->id
                                       : id_of<agent_id>(call.agent_id()),
                       key, call.uuid());
}

void task_desk::kill(const framework_id& framework,
                     const v1::scheduler::Call::Kill& call) {
  task_key key{framework, id_of<task_id>(call.task_id())};
  auto* task = context_.state.find_task(key);
  // A launch that is under way is applied before the request is.
  if (context_.overlay.contains(key) || (task != nullptr && !task->terminal()))
    return request_kill(framework, call);
  if (task == nullptr) {
    // Not (or no longer) there: say what it is, as for a reconciliation.
    auto* record = context_.state.find_framework(framework);
    auto agent = id_of<agent_id>(call.agent_id());
    if (auto update = state_of(*record, key.task, agent))
      answer(framework, std::move(*update));
  }
}

void task_desk::request_kill(const framework_id& framework,
                             const v1::scheduler::Call::Kill& call) {
  cluster::Entry entry;
  auto& wanted = *entry.mutable_kill_requested();
  wanted.mutable_framework_id()->set_value(framework.text());
  copy_id(wanted.mutable_task_id(), call.task_id());
  // Nothing that this version does not know gets into the log.
  if (call.has_kill_policy()) {
    auto& policy = *wanted.mutable_kill_policy();
    if (call.kill_policy().grace_period().nanoseconds() >= 0
        && call.kill_policy().has_grace_period())
      policy.mutable_grace_period()->set_nanoseconds(
        call.kill_policy().grace_period().nanoseconds());
  }
  context_.out.propose(std::move(entry));
}

void task_desk::answer(const framework_id& framework, v1::TaskStatus update) {
  forward(framework, as_reconciliation(std::move(update)));
}

std::optional<v1::TaskStatus>
task_desk::state_of(const framework_record& framework, const task_id& task,
                    const agent_id& agent) const {
  if (auto* record = context_.state.find_task({framework.id, task})) {
    // An agent that is awaited knows better: wait for it.
    if (!record->terminal() && record->state != v1::TASK_UNREACHABLE
        && !context_.agents.attached(record->agent->id))
      return std::nullopt;
    return record->latest_status();
  }
  if (context_.overlay.contains({framework.id, task}))
    return std::nullopt;
  // It may have ended while its framework was away, with nobody to acknowledge
  // it: the log's end is final, wherever its agent is by now.
  if (auto* ended = context_.state.find_ended_task({framework.id, task}))
    return status_of(*ended);
  // It runs, and is nobody's until an operator has decided.
  if (context_.agents.find_orphan(agent, {framework.id, task}) != nullptr)
    return std::nullopt;
  if (context_.agents.awaited.contains(agent)
      && !context_.agents.attached(agent))
    return std::nullopt;
  master_verdict verdict;
  verdict.reason = v1::TaskStatus::REASON_RECONCILIATION;
  verdict.text = "the master does not know this task";
  auto* place = context_.state.find_agent(agent);
  if (!framework.partition_aware)
    verdict.state = v1::TASK_LOST;
  else if (place == nullptr)
    verdict.state = v1::TASK_UNKNOWN;
  else if (place->state == cluster::AGENT_UNREACHABLE)
    verdict.state = v1::TASK_UNREACHABLE;
  else if (place->state == cluster::AGENT_GONE)
    verdict.state = v1::TASK_GONE_BY_OPERATOR;
  else
    verdict.state = v1::TASK_GONE;
  return make_status(task, agent, verdict, context_.wall);
}

void task_desk::reconcile(const framework_id& framework,
                          const v1::scheduler::Call::Reconcile& call) {
  auto* record = context_.state.find_framework(framework);
  if (record == nullptr)
    return;
  if (call.tasks().empty()) {
    reconciling_[framework].clear();
    return reconcile_slice(framework);
  }
  auto left = context_.settings.tasks_per_reconcile;
  for (auto& asked : call.tasks()) {
    if (left-- == 0)
      break;
    if (auto update = state_of(*record, id_of<task_id>(asked.task_id()),
                               id_of<agent_id>(asked.agent_id())))
      answer(framework, std::move(*update));
  }
}

void task_desk::reconcile_slice(const framework_id& framework) {
  auto cursor = reconciling_.find(framework);
  auto* record = context_.state.find_framework(framework);
  if (record == nullptr || !context_.frameworks.connected(framework)) {
    reconciling_.erase(cursor);
    return;
  }
  auto left = context_.settings.tasks_per_reconcile_slice;
  auto next = record->tasks.lower_bound(cursor->second);
  for (; next != record->tasks.end() && left > 0; ++next, --left)
    if (auto update
        = state_of(*record, task_id{next->first}, next->second.agent->id))
      answer(framework, std::move(*update));
  if (next == record->tasks.end())
    reconciling_.erase(cursor);
  else
    cursor->second = next->first;
}

void task_desk::go_on_reconciling() {
  std::vector<framework_id> all;
  for (auto& [framework, cursor] : reconciling_)
    all.push_back(framework);
  for (auto& framework : all)
    reconcile_slice(framework);
}

void task_desk::message_to_executor(const framework_id& framework,
                                    const v1::scheduler::Call::Message& call) {
  auto session = context_.agents.session_of(id_of<agent_id>(call.agent_id()));
  if (!session)
    return;
  auto& note = *context_.out.to_agent(*session).mutable_framework_message();
  note.mutable_framework_id()->set_value(framework.text());
  *note.mutable_executor_id() = call.executor_id();
  note.set_data(call.data());
}

void task_desk::shutdown_executor(const framework_id& framework,
                                  const v1::scheduler::Call::Shutdown& call) {
  auto session = context_.agents.session_of(id_of<agent_id>(call.agent_id()));
  if (!session)
    return;
  auto& down = *context_.out.to_agent(*session).mutable_shutdown_executor();
  down.mutable_framework_id()->set_value(framework.text());
  *down.mutable_executor_id() = call.executor_id();
}

// -- applied entries ----------------------------------------------------------

void task_desk::transitions_applied(const applied_entry& applied,
                                    bool reported) {
  for (auto& change : applied.transitions)
    if (!reported || change.became_terminal)
      forward(change.key.framework, change.status);
}

void task_desk::agent_lost(const agent_id& agent) {
  auto* record = context_.state.find_agent(agent);
  if (record == nullptr)
    return;
  for (auto* task : record->tasks)
    if (task->terminal())
      forward(task->framework->id, task->latest_status());
}

void task_desk::acknowledgement_applied(const task_acknowledged& done) {
  acknowledge_to_agent(done.agent, done.key, done.uuid);
}

void task_desk::kill_applied(const kill_requested& kill) {
  kill_on_agent(kill.agent, kill.key, kill.policy ? &*kill.policy : nullptr);
}

} // namespace agora
