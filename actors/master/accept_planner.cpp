// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/accept_planner.hpp"

#include "actors/master/task_validator.hpp"
#include "runtime/resources/resources_text.hpp"

#include <utility>

namespace agora {

namespace {

/// Plans one call; a plain loop over its operations with the pool that is
/// left.
class accept_builder {
public:
  accept_builder(const cluster_state& state, pending_launches pending,
                 accept_request request)
    : state_(state),
      pending_(std::move(pending)),
      request_(std::move(request)),
      pool_(request_.offered) {
    // nop
  }

  accept_plan build() {
    for (auto& operation : request_.operations)
      apply(operation);
    plan_.remainder = std::move(pool_);
    return std::move(plan_);
  }

private:
  void apply(v1::Offer::Operation& operation) {
    switch (operation.type()) {
      case v1::Offer::Operation::LAUNCH:
        for (auto& task : *operation.mutable_launch()->mutable_task_infos())
          launch_task(task);
        break;
      case v1::Offer::Operation::LAUNCH_GROUP:
        launch_group(*operation.mutable_launch_group());
        break;
      default:
        plan_.operations.push_back(
          {operation.id(), v1::Offer::Operation::Type_Name(operation.type())
                             + " is not supported yet"});
    }
  }

  void launch_task(v1::TaskInfo& task) {
    auto bad = validate_task(task, request_.framework, request_.agent);
    if (bad)
      return refuse(task, v1::TaskStatus::REASON_TASK_INVALID, text_of(bad));
    cluster::AcceptedLaunch launch;
    auto& accepted = *launch.add_tasks();
    describe_task(task, accepted);
    if (task.has_executor()) {
      copy_id(accepted.mutable_executor_id(), task.executor().executor_id());
      *accepted.mutable_executor_resources() = task.executor().resources();
    }
    auto taken = take(launch);
    if (taken)
      return refuse(task, v1::TaskStatus::REASON_TASK_INVALID, text_of(taken));
    // Every task carries what its executor needs: the one that is to start it
    // may be refused when it is applied, or the executor end before.
    commit(std::move(launch), {{std::move(task)}, std::nullopt});
  }

  void launch_group(v1::Offer::Operation::LaunchGroup& operation) {
    auto& group = *operation.mutable_task_group();
    auto& executor = operation.executor();
    auto bad
      = validate_group(executor, group, request_.framework, request_.agent);
    cluster::AcceptedLaunch launch;
    if (!bad) {
      *launch.mutable_group_executor() = executor;
      for (auto& task : group.tasks()) {
        auto& accepted = *launch.add_tasks();
        describe_task(task, accepted);
        copy_id(accepted.mutable_executor_id(), executor.executor_id());
      }
      bad = take(launch);
    }
    if (bad) {
      for (auto& task : group.tasks())
        refuse(task, v1::TaskStatus::REASON_TASK_GROUP_INVALID, text_of(bad));
      return;
    }
    proposed_launch proposed;
    proposed.tasks.assign(group.tasks().begin(), group.tasks().end());
    proposed.group_executor = executor;
    commit(std::move(launch), std::move(proposed));
  }

  static void describe_task(const v1::TaskInfo& task,
                            cluster::AcceptedTask& accepted) {
    copy_id(accepted.mutable_task_id(), task.task_id());
    accepted.set_name(task.name());
    *accepted.mutable_resources() = task.resources();
    // Serialized as it is launched: the agent id and all are in it.
    accepted.set_task_info(task.SerializeAsString());
  }

  /// Takes what the launch needs out of the pool.
  status take(const cluster::AcceptedLaunch& launch) {
    auto demand = can_launch(state_, request_.framework, request_.agent, launch,
                             pending_);
    if (!demand)
      return std::move(demand.error());
    if (pool_.subtract(demand->sum))
      return fail(errc::invalid_resources,
                  "resources: needs " + to_string(demand->sum)
                    + ", the offers have " + to_string(pool_) + " left");
    pending_.amount += demand->sum;
    for (auto& [id, amount] : demand->executors)
      pending_.executors.insert(id);
    for (auto& task : launch.tasks()) {
      pending_.tasks.insert(id_of<task_id>(task.task_id()));
      ++pending_.agent_tasks;
    }
    taken_ = std::move(*demand);
    return {};
  }

  /// Adds the launch whose needs were taken last.
  void commit(cluster::AcceptedLaunch launch, proposed_launch proposed) {
    auto bytes = launch.ByteSizeLong();
    if (plan_.parts.empty() || part_bytes_ + bytes > entry_bytes_limit)
      begin_part();
    part_bytes_ += bytes;
    auto& part = plan_.parts.back();
    *part.entry.add_launches() = std::move(launch);
    part.context.launches.push_back(std::move(proposed));
    part.context.amount += taken_.sum;
    for (auto& [id, amount] : taken_.executors)
      part.context.executors.insert(id);
  }

  void begin_part() {
    auto& part = plan_.parts.emplace_back();
    part.entry.mutable_framework_id()->set_value(request_.framework.text());
    part.entry.set_incarnation(request_.incarnation);
    part.entry.mutable_agent_id()->set_value(request_.agent.text());
    part.entry.set_role(request_.role);
    part.context.framework = request_.framework;
    part.context.role = request_.role;
    part.context.agent = request_.agent;
    part_bytes_ = 0;
  }

  void refuse(const v1::TaskInfo& task, v1::TaskStatus::Reason reason,
              std::string text) {
    plan_.refused.push_back(
      {task.task_id(), task.executor().executor_id(), reason, std::move(text)});
  }

  const cluster_state& state_;
  pending_launches pending_;
  accept_request request_;
  resources pool_;
  /// What the newest launch needs.
  launch_demand taken_;
  /// Of the launches in the newest part.
  size_t part_bytes_ = 0;
  accept_plan plan_;
};

} // namespace

accept_plan plan_accept(const cluster_state& state, pending_launches pending,
                        accept_request request) {
  return accept_builder{state, std::move(pending), std::move(request)}.build();
}

} // namespace agora
