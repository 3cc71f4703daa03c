// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/resources_codec.hpp"
#include "storage/cluster/cluster_rules.hpp"

#include <algorithm>

namespace agora {

namespace {

/// Names the task in an error, unless its name is what is wrong.
status about(const std::string& task, const status& err) {
  if (check_object_id("task_id", task))
    return err;
  return fail(code_of(err), "task " + task + ": " + text_of(err));
}

status check_attached(const cluster_state& state, const agent_id& id) {
  auto* agent = state.find_agent(id);
  if (agent == nullptr)
    return fail(errc::not_found, "agent " + id.text() + " is not known");
  if (!agent->attached())
    return fail(errc::conflict, "agent " + id.text() + " is not attached");
  return {};
}

/// Judges one launch, and gathers what it needs.
class launch_judge {
public:
  launch_judge(const cluster_state& state, const framework_record& framework,
               const agent_record& agent, const pending_launches& pending)
    : state_(state), framework_(framework), agent_(agent), pending_(pending) {
    // nop
  }

  status judge(const cluster::AcceptedLaunch& launch) {
    if (launch.tasks().empty())
      return fail(errc::invalid_argument, "tasks is empty");
    if (launch.has_group_executor()) {
      if (auto err = take_group_executor(launch.group_executor()))
        return err;
    } else if (launch.tasks_size() > 1) {
      return fail(errc::invalid_argument,
                  "group_executor is missing from a group");
    }
    for (auto& task : launch.tasks())
      if (auto err = take_task(task, launch.has_group_executor()))
        return about(task.task_id().value(), err);
    if (auto err = check_room())
      return about(launch.tasks(0).task_id().value(), err);
    return {};
  }

  launch_demand demand;

private:
  status take_group_executor(const v1::ExecutorInfo& info) {
    auto& id = info.executor_id().value();
    if (auto err = check_object_id("group_executor.executor_id", id))
      return err;
    return take_executor(id, info.resources(), "group_executor.resources");
  }

  status take_task(const cluster::AcceptedTask& task, bool in_group) {
    auto& id = task.task_id().value();
    if (auto err = check_object_id("task_id", id))
      return err;
    if (framework_.tasks.contains(id) || pending_.has_task(task_id{id})
        || !ids_.insert(id).second)
      return fail(errc::already_exists,
                  "task_id is taken by a task that has not ended, or whose "
                  "last status is not acknowledged");
    auto amount = resources_from_wire(task.resources());
    if (!amount)
      return fail(errc::invalid_resources, text_of(amount.error()));
    if (auto err = demand.sum.add(*amount))
      return err;
    demand.tasks.push_back(std::move(*amount));
    if (in_group || task.executor_id().value().empty())
      return {};
    auto& executor = task.executor_id().value();
    if (auto err = check_object_id("executor_id", executor))
      return err;
    return take_executor(executor, task.executor_resources(),
                         "executor_resources");
  }

  /// Only an executor that does not run yet needs anything.
  status take_executor(const std::string& id, const wire_resources& list,
                       const char* field) {
    auto key = executor_key{framework_.id, executor_id{id}};
    if (agent_.executors.contains(key)
        || pending_.executors.contains(key.executor))
      return {};
    auto amount = resources_from_wire(list);
    if (!amount)
      return fail(errc::invalid_resources,
                  std::string{field} + ": " + text_of(amount.error()));
    if (auto err = demand.sum.add(*amount))
      return err;
    demand.executors.emplace_back(key.executor, std::move(*amount));
    return {};
  }

  status check_room() const {
    auto& limits = state_.limits();
    if (state_.counts().total() + pending_.task_count() + ids_.size()
        > limits.tasks)
      return fail(errc::limit_reached, "the cluster has "
                                         + std::to_string(limits.tasks)
                                         + " tasks, which is the limit");
    if (agent_.tasks.size() + pending_.agent_tasks + ids_.size()
        > limits.agent_tasks)
      return fail(errc::limit_reached, "agent " + agent_.id.text()
                                         + " has no room for it: "
                                         + std::to_string(limits.agent_tasks)
                                         + " tasks is the limit");
    if (!demand.executors.empty()
        && agent_.executors.size() + pending_.executors.size()
               + demand.executors.size()
             > limits.executors)
      return fail(errc::limit_reached,
                  "agent " + agent_.id.text()
                    + " has no room for it: " + std::to_string(limits.executors)
                    + " executors is the limit");
    auto all = agent_.used;
    if (auto err = all.add(pending_.amount))
      return err;
    if (auto err = all.add(demand.sum))
      return err;
    if (!agent_.total.contains(all))
      return fail(errc::invalid_resources,
                  "agent " + agent_.id.text()
                    + " does not have these resources left");
    return {};
  }

  const cluster_state& state_;
  const framework_record& framework_;
  const agent_record& agent_;
  const pending_launches& pending_;
  std::set<std::string> ids_;
};

} // namespace

status check_role_name(std::string_view role) {
  if (role.size() <= role_bytes)
    return {};
  return fail(errc::invalid_argument,
              "role is longer than " + std::to_string(role_bytes) + " bytes");
}

status can_accept(const cluster_state& state, const framework_id& framework,
                  uint64_t incarnation, const agent_id& agent) {
  if (auto err = holds_framework(state, framework, incarnation))
    return err;
  return check_attached(state, agent);
}

result<launch_demand> can_launch(const cluster_state& state,
                                 const framework_id& framework,
                                 const agent_id& agent,
                                 const cluster::AcceptedLaunch& launch,
                                 const pending_launches& pending) {
  auto* owner = state.find_framework(framework);
  if (owner == nullptr)
    return fail(errc::not_found,
                "framework " + framework.text() + " is not known");
  auto* place = state.find_agent(agent);
  if (place == nullptr)
    return fail(errc::not_found, "agent " + agent.text() + " is not known");
  launch_judge judge{state, *owner, *place, pending};
  if (auto err = judge.judge(launch))
    return err;
  return std::move(judge.demand);
}

result<launch_demand> can_adopt(const cluster_state& state,
                                const cluster::TaskAdopted& orphan) {
  auto framework = id_of<framework_id>(orphan.framework_id());
  auto agent = id_of<agent_id>(orphan.agent_id());
  auto* owner = state.find_framework(framework);
  if (auto err
      = can_accept(state, framework, owner ? owner->incarnation : 0, agent))
    return err;
  if (auto err = check_role_name(orphan.role()))
    return err;
  auto key = task_key{framework, id_of<task_id>(orphan.task().task_id())};
  if (auto* ended = state.find_ended_task(key))
    return fail(errc::conflict, "task " + to_string(key) + " ended as "
                                  + v1::TaskState_Name(ended->state()));
  if (orphan.status().has_state()
      && !may_follow(v1::TASK_STAGING, orphan.status().state()))
    return fail(errc::invalid_argument,
                "task " + to_string(key) + " cannot be adopted in state "
                  + v1::TaskState_Name(orphan.status().state()));
  if (is_terminal(orphan.status().state()))
    return fail(errc::invalid_argument,
                "task " + to_string(key) + " has ended");
  cluster::AcceptedLaunch launch;
  *launch.add_tasks() = orphan.task();
  return can_launch(state, framework, agent, launch);
}

} // namespace agora
