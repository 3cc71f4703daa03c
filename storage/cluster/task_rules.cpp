// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/cluster/cluster_rules.hpp"

namespace agora {

namespace {

/// The task, if it has not ended or waits for its acknowledgement.
result<const task_record*> existing(const cluster_state& state,
                                    const task_key& key) {
  if (auto err = check_object_id("task_id", key.task.text()))
    return err;
  if (auto* task = state.find_task(key))
    return task;
  if (auto* ended = state.find_ended_task(key))
    return fail(errc::conflict, "task " + to_string(key) + " has ended as "
                                  + v1::TaskState_Name(ended->state()));
  return fail(errc::not_found, "task " + to_string(key) + " is not known");
}

/// How far a task that has not ended has come.
int progress(v1::TaskState state) {
  switch (state) {
    case v1::TASK_STAGING:
      return 0;
    case v1::TASK_STARTING:
      return 1;
    case v1::TASK_RUNNING:
      return 2;
    default: // TASK_KILLING
      return 3;
  }
}

status check_reporter(const task_record& task,
                      const cluster::TaskStatusLogged& update) {
  auto& agent = *task.agent;
  auto launch = launch_id_of(update.launch_id());
  if (!launch.empty() && launch != task.launch)
    return fail(errc::conflict, "task " + to_string(task.key())
                                  + " is of launch " + to_string(task.launch)
                                  + ", not of " + to_string(launch));
  auto& claimed = update.status().agent_id().value();
  if (!claimed.empty() && claimed != agent.id.text())
    return fail(errc::invalid_argument, "task " + to_string(task.key())
                                          + " is on agent " + agent.id.text()
                                          + ", not on " + claimed);
  if (update.has_agent_incarnation()
      && update.agent_incarnation() != agent.incarnation)
    return fail(errc::stale_incarnation,
                "agent " + agent.id.text() + " is in incarnation "
                  + std::to_string(agent.incarnation) + ", not in "
                  + std::to_string(update.agent_incarnation()));
  // Its resources are not counted: it has to attach before anything of it can
  // be alive.
  if (!agent.counted()
      && (update.has_agent_incarnation()
          || !is_terminal(update.status().state())))
    return fail(errc::conflict,
                "agent " + agent.id.text() + " is unreachable or gone");
  return {};
}

} // namespace

// TASK_STAGING -> TASK_STARTING -> TASK_RUNNING -> TASK_KILLING
//
// Each may be reported again, be skipped, and go to a terminal state, which
// nothing follows. AgentUnreachable makes each TASK_UNREACHABLE, from where the
// agent, if it returns, says what the task really is: any of the others.
bool may_follow(v1::TaskState from, v1::TaskState to) {
  if (is_terminal(from) || to == v1::TASK_UNREACHABLE || to == v1::TASK_UNKNOWN)
    return false;
  if (is_terminal(to) || from == v1::TASK_UNREACHABLE)
    return true;
  return progress(to) >= progress(from);
}

status can_log_status(const cluster_state& state,
                      const cluster::TaskStatusLogged& update) {
  auto& news = update.status();
  auto key = task_key{id_of<framework_id>(update.framework_id()),
                      id_of<task_id>(news.task_id())};
  auto found = existing(state, key);
  if (!found)
    return std::move(found.error());
  if (!news.has_state())
    return fail(errc::invalid_argument,
                "task " + to_string(key) + ": status.state is missing");
  // One entry may write the statuses of all tasks of an agent again, unless the
  // agent has spoken of them.
  if (!update.has_agent_incarnation()
      && news.ByteSizeLong() > given_status_bytes)
    return fail(errc::invalid_argument, "task " + to_string(key)
                                          + ": a status by the master has "
                                          + std::to_string(news.ByteSizeLong())
                                          + " bytes, the limit is "
                                          + std::to_string(given_status_bytes));
  auto& task = **found;
  if (auto err = check_reporter(task, update))
    return err;
  if (!news.uuid().empty() && news.uuid() == task.status_uuid())
    return fail(errc::already_exists,
                "this status of task " + to_string(key) + " is logged already");
  if (!may_follow(task.state, news.state()))
    return fail(errc::conflict, "task " + to_string(key) + " is in state "
                                  + v1::TaskState_Name(task.state) + ", which "
                                  + v1::TaskState_Name(news.state())
                                  + " cannot follow");
  return {};
}

status can_acknowledge(const cluster_state& state, const task_key& key,
                       std::string_view uuid) {
  auto found = existing(state, key);
  if (!found)
    return std::move(found.error());
  auto& task = **found;
  if (!task.terminal())
    return fail(errc::conflict,
                "task " + to_string(key) + " has not ended: nothing of "
                  + v1::TaskState_Name(task.state) + " is logged");
  if (task.status_uuid() != uuid)
    return fail(errc::conflict,
                "the acknowledgement is not for the terminal state of task "
                  + to_string(key));
  return {};
}

status can_kill(const cluster_state& state, const task_key& key) {
  auto found = existing(state, key);
  if (!found)
    return std::move(found.error());
  if ((*found)->terminal())
    return fail(errc::conflict, "task " + to_string(key) + " has ended as "
                                  + v1::TaskState_Name((*found)->state));
  return {};
}

status can_confirm(const cluster_state& state, const framework_id& framework,
                   const agent_id& agent) {
  if (state.find_framework(framework) == nullptr)
    return fail(errc::not_found,
                "framework " + framework.text() + " is not known");
  if (state.find_agent(agent) == nullptr)
    return fail(errc::not_found, "agent " + agent.text() + " is not known");
  return {};
}

status can_end_executor(const cluster_state& state, const agent_id& agent,
                        const executor_key& key) {
  if (state.find_executor(agent, key) == nullptr)
    return fail(errc::not_found, "executor " + key.executor.text()
                                   + " of framework " + key.framework.text()
                                   + " on agent " + agent.text()
                                   + " is not known");
  // It may have ended before the launch of this task reached its agent, which
  // then starts it again.
  for (auto* task : state.find_agent(agent)->tasks)
    if (!task->confirmed && !task->terminal()
        && task->framework->id == key.framework
        && task->executor.text() == key.executor.text())
      return fail(errc::conflict, "executor " + key.executor.text()
                                    + " of framework " + key.framework.text()
                                    + " on agent " + agent.text()
                                    + " is about to get task " + *task->id);
  return {};
}

launch_fate fate_of(const cluster_state& state, const task_key& key,
                    const launch_id& launch, uint64_t applied_index) {
  auto* task = state.find_task(key);
  if (task != nullptr
      && (launch.empty() || task->launch.empty() || task->launch == launch))
    return launch_fate::live;
  // Every launch that an agent has heard of is in the log.
  if (!launch.empty() && launch.generation == state.current_epoch().generation
      && launch.index <= applied_index)
    return launch_fate::over;
  auto* framework = state.find_framework(key.framework);
  if (framework != nullptr && framework->has_ended())
    return launch_fate::over;
  auto* ended = state.find_ended_task(key);
  if (ended != nullptr
      && (launch.empty() || launch_id_of(ended->launch_id()) == launch))
    return launch_fate::over;
  return launch_fate::unknown;
}

} // namespace agora
