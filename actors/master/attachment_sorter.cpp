// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/attachment_sorter.hpp"

#include "actors/master/task_statuses.hpp"
#include "runtime/validation/task_states.hpp"

#include <map>

namespace agora {

namespace {

/// Whether it is the launch that the log has of its task.
bool means(const task_record& task, const session::HeldTask& held) {
  auto launch = launch_id_of(held.launch_id());
  return launch.empty() || task.launch.empty() || launch == task.launch;
}

task_key key_of(const session::HeldTask& held) {
  return {id_of<framework_id>(held.framework_id()),
          id_of<task_id>(held.task_id())};
}

} // namespace

attachment_sorter::attachment_sorter(master_context& context,
                                     offer_desk& offers, session_number session,
                                     const agent_record& agent,
                                     const session::AttachAgent& request)
  : context_(context),
    offers_(offers),
    session_(session),
    agent_(agent),
    request_(request) {
  for (auto& task : request.tasks())
    if (fate_of(task) == launch_fate::live)
      held_.insert(key_of(task));
}

std::vector<session::HeldTask> attachment_sorter::sort_out() {
  auto orphans = sort_out_held();
  confirm_held();
  sort_out_missing();
  sort_out_executors();
  return orphans;
}

void attachment_sorter::confirm_held() {
  std::map<framework_id, cluster::Entry> notes;
  for (auto& held : request_.tasks()) {
    auto key = key_of(held);
    auto* task = context_.state.find_task(key);
    if (task == nullptr || task->confirmed || task->agent->id != agent_.id
        || !means(*task, held))
      continue;
    auto& note = *notes[key.framework].mutable_tasks_confirmed();
    copy_id(note.mutable_framework_id(), held.framework_id());
    note.mutable_agent_id()->set_value(agent_.id.text());
    copy_id(note.add_task_ids(), held.task_id());
  }
  for (auto& [framework, note] : notes)
    context_.out.propose(std::move(note));
}

void attachment_sorter::take_over(const task_record& task,
                                  const session::HeldTask& held) {
  cluster::Entry entry;
  auto& logged = *entry.mutable_task_status();
  logged.mutable_framework_id()->set_value(task.framework->id.text());
  auto& newer = *logged.mutable_status();
  // The agent sends it whole if its framework has not acknowledged it yet.
  newer = brief_status(held.latest_status());
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

std::vector<session::HeldTask> attachment_sorter::sort_out_held() {
  std::vector<session::HeldTask> orphans;
  for (auto& held : request_.tasks()) {
    auto ended = is_terminal(held.latest_status().state());
    auto fate = fate_of(held);
    auto* task = fate == launch_fate::live
                   ? context_.state.find_task(key_of(held))
                   : nullptr;
    if (task != nullptr && task->agent->id == agent_.id) {
      catch_up(*task, held);
    } else if (fate == launch_fate::over) {
      if (!ended)
        kill(held, nullptr);
      if (!held.latest_status().uuid().empty())
        acknowledge(held);
    } else if (!ended && orphans.size() < context_.settings.orphans_per_agent) {
      // One that has ended runs nothing: its last status goes on to its
      // framework, and the acknowledgement back.
      orphans.push_back(held);
    }
  }
  return orphans;
}

launch_fate attachment_sorter::fate_of(const session::HeldTask& held) const {
  return agora::fate_of(context_.state, key_of(held),
                        launch_id_of(held.launch_id()), context_.applied_index);
}

void attachment_sorter::catch_up(const task_record& task,
                                 const session::HeldTask& held) {
  auto& latest = held.latest_status();
  if (is_terminal(latest.state()))
    return;
  if (latest.has_state() && task.state != latest.state() && !task.terminal())
    take_over(task, held);
  if (task.kill_requested)
    kill(held, task.kill_policy.get());
}

void attachment_sorter::kill(const session::HeldTask& held,
                             const v1::KillPolicy* policy) {
  auto& kill = *context_.out.to_agent(session_).mutable_kill_task();
  *kill.mutable_framework_id() = held.framework_id();
  *kill.mutable_task_id() = held.task_id();
  if (policy != nullptr)
    *kill.mutable_kill_policy() = *policy;
}

void attachment_sorter::acknowledge(const session::HeldTask& held) {
  auto& known = *context_.out.to_agent(session_).mutable_acknowledge();
  *known.mutable_framework_id() = held.framework_id();
  *known.mutable_task_id() = held.task_id();
  known.set_uuid(held.latest_status().uuid());
}

void attachment_sorter::sort_out_missing() {
  // What goes back to the agent, by framework; groups stay together.
  std::map<framework_id, std::vector<proposed_launch>> again;
  std::map<const task_group*, std::pair<framework_id, size_t>> groups;
  for (auto* task : agent_.tasks) {
    if (task->terminal() || held_.contains(task->key()))
      continue;
    if (task->confirmed) {
      auto state = dropped_or_lost(task->framework->partition_aware);
      cluster::Entry entry;
      auto& logged = *entry.mutable_task_status();
      logged.mutable_framework_id()->set_value(task->framework->id.text());
      *logged.mutable_status()
        = make_status(task->key().task, agent_.id,
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
      launches.push_back(
        {{std::move(info)}, std::move(executor), task->launch});
      continue;
    }
    launches.push_back({{std::move(info)}, std::nullopt, task->launch});
  }
  for (auto& [framework, launches] : again)
    offers_.run_tasks(agent_.id, framework, std::move(launches));
  // After what it is to end: the agent may have got neither.
  for (auto* task : agent_.tasks) {
    if (task->terminal() || held_.contains(task->key()) || task->confirmed
        || !task->kill_requested)
      continue;
    auto& kill = *context_.out.to_agent(session_).mutable_kill_task();
    kill.mutable_framework_id()->set_value(task->framework->id.text());
    kill.mutable_task_id()->set_value(*task->id);
    if (task->kill_policy)
      *kill.mutable_kill_policy() = *task->kill_policy;
  }
}

void attachment_sorter::sort_out_executors() {
  std::set<executor_key> held;
  for (auto& executor : request_.executors()) {
    executor_key key{id_of<framework_id>(executor.framework_id()),
                     id_of<executor_id>(executor.info().executor_id())};
    auto* framework = context_.state.find_framework(key.framework);
    if (framework != nullptr && framework->has_ended()) {
      auto& down
        = *context_.out.to_agent(session_).mutable_shutdown_framework();
      *down.mutable_framework_id() = executor.framework_id();
    }
    held.insert(std::move(key));
  }
  for (auto& [key, executor] : agent_.executors) {
    // One whose tasks go to the agent again starts with them. Of tasks that the
    // agent has already, the executor has ended: it would be listed.
    auto waits = false;
    for (auto* task : agent_.tasks)
      waits
        = waits
          || (!task->confirmed && !task->terminal()
              && task->framework->id == key.framework
              && task->executor.text() == key.executor.text()
              && !held_.contains(task_key{key.framework, task_id{*task->id}}));
    if (held.contains(key) || waits)
      continue;
    cluster::Entry entry;
    auto& ended = *entry.mutable_executor_ended();
    ended.mutable_framework_id()->set_value(key.framework.text());
    ended.mutable_agent_id()->set_value(agent_.id.text());
    ended.mutable_executor_id()->set_value(key.executor.text());
    context_.out.propose(std::move(entry));
  }
}

} // namespace agora
