// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/check.hpp"
#include "storage/cluster/cluster_applier.hpp"
#include "storage/cluster/record_codec.hpp"
#include "storage/cluster/record_links.hpp"
#include "storage/cluster/state_keys.hpp"

// What makes tasks and executors begin.

namespace agora {

status cluster_applier::on(const cluster::TasksAccepted& what) {
  auto owner = id_of<framework_id>(what.framework_id());
  auto place = id_of<agent_id>(what.agent_id());
  if (auto err = can_accept(state_, owner, what.incarnation(), place))
    return err;
  if (auto err = check_role_name(what.role()))
    return err;
  for (int i = 0; i < what.launches_size(); ++i)
    launch(framework(what.framework_id()), agent(what.agent_id()), what, i);
  return {};
}

void cluster_applier::launch(framework_record& owner, agent_record& place,
                             const cluster::TasksAccepted& what, int index) {
  auto& wanted = what.launches(index);
  auto demand = can_launch(state_, owner.id, place.id, wanted);
  if (!demand) {
    refuse(what, index, demand.error());
    return;
  }
  start_executors(owner, place, what.role(), *demand);
  std::shared_ptr<task_group> group;
  if (wanted.has_group_executor()) {
    group = std::make_shared<task_group>(
      task_group{++state_.next_group_, stable_bytes(wanted.group_executor()),
                 static_cast<size_t>(wanted.tasks_size())});
    changes_.put(state_keys::of_group(owner.id, group->number),
                 stable_bytes(to_stored(owner.id, *group)));
  }
  for (int i = 0; i < wanted.tasks_size(); ++i) {
    auto& amount = demand->tasks[static_cast<size_t>(i)];
    auto& task = start_task(owner, place, wanted.tasks(i), what.role(),
                            std::move(amount));
    task.launch = {state_.epoch_.generation, out_.index};
    if (group) {
      task.group = group;
      task.executor = state_.strings_->intern(
        wanted.group_executor().executor_id().value());
    }
    out_.started.push_back({task.key(), place.id, task.executor_name(),
                            what.role(), task.amount, task.launch,
                            static_cast<size_t>(index)});
    store(task);
  }
}

void cluster_applier::refuse(const cluster::TasksAccepted& what, int index,
                             const status& reason) {
  auto owner = id_of<framework_id>(what.framework_id());
  auto place = id_of<agent_id>(what.agent_id());
  auto& wanted = what.launches(index);
  auto in_group = wanted.has_group_executor() || wanted.tasks_size() > 1;
  for (auto& task : wanted.tasks())
    out_.refused.push_back({{owner, id_of<task_id>(task.task_id())},
                            place,
                            static_cast<size_t>(index),
                            reason,
                            in_group});
}

void cluster_applier::start_executors(framework_record& owner,
                                      agent_record& place,
                                      const std::string& role,
                                      launch_demand& demand) {
  for (auto& [id, amount] : demand.executors) {
    auto key = executor_key{owner.id, id};
    auto& made = place.executors[key];
    made.framework = &owner;
    made.agent = &place;
    made.id = id;
    made.role = state_.strings_->intern(role);
    made.amount = std::move(amount);
    owner.executors.emplace(std::pair{place.id, id}, &made);
    acquire(place, owner, role, made.amount);
    out_.executors_started.push_back({key, place.id, role, made.amount});
    store(made);
  }
}

task_record& cluster_applier::start_task(framework_record& owner,
                                         agent_record& place,
                                         const cluster::AcceptedTask& what,
                                         const std::string& role,
                                         resources amount) {
  auto [position, added] = owner.tasks.try_emplace(what.task_id().value());
  AGORA_CHECK(added);
  auto& task = position->second;
  task.framework = &owner;
  task.agent = &place;
  task.id = &position->first;
  task.executor = state_.strings_->intern(what.executor_id().value());
  task.name = state_.strings_->intern(what.name());
  task.role = state_.strings_->intern(role);
  task.amount = std::move(amount);
  task.launched_ns = out_.time_ns;
  task.task_info = what.task_info();
  link_task(task);
  for (auto* counts : {&state_.counts_, &owner.counts, &place.counts})
    counts->add(task.state);
  acquire(place, owner, role, task.amount);
  return task;
}

status cluster_applier::on(const cluster::TaskAdopted& what) {
  auto demand = can_adopt(state_, what);
  if (!demand)
    return std::move(demand.error());
  auto& owner = framework(what.framework_id());
  auto& place = agent(what.agent_id());
  start_executors(owner, place, what.role(), *demand);
  auto& task = start_task(owner, place, what.task(), what.role(),
                          std::move(demand->tasks.front()));
  task.launch = launch_id_of(what.launch_id());
  out_.started.push_back({task.key(), place.id, task.executor_name(),
                          what.role(), task.amount, task.launch, 0});
  // The agent holds it.
  task.confirmed = true;
  auto news = what.status();
  if (!news.has_state()) {
    news.set_state(v1::TASK_RUNNING);
    news.set_source(v1::TaskStatus::SOURCE_MASTER);
  }
  change_state(task, std::move(news));
  store(task);
  store_state(task);
  return {};
}

} // namespace agora
