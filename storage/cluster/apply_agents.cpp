// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/check.hpp"
#include "runtime/resources/resources_codec.hpp"
#include "storage/cluster/cluster_applier.hpp"
#include "storage/cluster/record_codec.hpp"
#include "storage/cluster/record_links.hpp"
#include "storage/cluster/state_keys.hpp"

#include <algorithm>

// What agents' entries do.
//
//   (new) -> ATTACHED <-> DETACHED -> UNREACHABLE
//               ^                          |
//               '--------------------------'      and from each of them: GONE

namespace agora {

agent_record& cluster_applier::agent(const v1::AgentID& id) {
  auto found = state_.agents_.find(id_of<agent_id>(id));
  AGORA_CHECK(found != state_.agents_.end());
  return found->second;
}

status cluster_applier::on(const cluster::AgentAdmitted& what) {
  if (auto err = can_admit(state_, what))
    return err;
  cluster::AgentAttachedEntry as_attached;
  as_attached.set_incarnation(what.incarnation());
  *as_attached.mutable_info() = what.info();
  as_attached.set_software(what.software());
  as_attached.set_boot_id(what.boot_id());
  auto known = state_.agents_by_uid_.find(what.uid());
  if (known != state_.agents_by_uid_.end()) {
    attach(*known->second, as_attached, false);
    return {};
  }
  auto id = agent_id{state_.cluster_id_.substr(0, 8) + "-S"
                     + std::to_string(state_.next_agent_++)};
  auto& created = state_.agents_[id];
  created.id = id;
  created.uid = what.uid();
  created.registered_ns = out_.time_ns;
  created.state = cluster::AGENT_STATE_UNKNOWN;
  ++state_.agents_in_state_[created.state];
  state_.agents_by_uid_.emplace(created.uid, &created);
  attach(created, as_attached, true);
  return {};
}

status cluster_applier::on(const cluster::AgentAttachedEntry& what) {
  if (auto err = can_attach(state_, what))
    return err;
  attach(agent(what.agent_id()), what, false);
  return {};
}

void cluster_applier::attach(agent_record& which,
                             const cluster::AgentAttachedEntry& what,
                             bool admitted) {
  auto was_unreachable = which.state == cluster::AGENT_UNREACHABLE;
  out_.attached = agent_attachment{
    .agent = which.id,
    .incarnation = what.incarnation(),
    .admitted = admitted,
    .was_unreachable = was_unreachable,
    .rebooted = !admitted && which.boot_id != what.boot_id(),
  };
  auto total = resources_from_wire(what.info().resources());
  AGORA_CHECK(total.engaged());
  which.total = std::move(*total);
  which.incarnation = what.incarnation();
  auto info = what.info();
  info.mutable_id()->set_value(which.id.text());
  which.set_info(info);
  which.software = what.software();
  which.boot_id = what.boot_id();
  set_state(which, cluster::AGENT_ATTACHED);
  if (was_unreachable)
    count_again(which);
  store(which);
}

void cluster_applier::count_again(agent_record& which) {
  for (auto* task : which.tasks)
    if (!task->terminal())
      acquire(which, *task->framework, task->role.text(), task->amount);
  for (auto& [key, executor] : which.executors)
    acquire(which, *executor.framework, executor.role.text(), executor.amount);
}

status cluster_applier::on(const cluster::AgentDetached& what) {
  auto id = id_of<agent_id>(what.agent_id());
  if (auto err = can_detach(state_, id, what.incarnation()))
    return err;
  auto& which = agent(what.agent_id());
  set_state(which, cluster::AGENT_DETACHED);
  out_.agent_changed
    = agent_change{id, which.incarnation, agent_change::kind::detached};
  store(which);
  return {};
}

status cluster_applier::on(const cluster::AgentUnreachable& what) {
  auto id = id_of<agent_id>(what.agent_id());
  if (auto err = can_mark_unreachable(state_, id))
    return err;
  auto& which = agent(what.agent_id());
  lose_tasks(which, v1::TASK_UNREACHABLE, v1::TaskStatus::REASON_AGENT_REMOVED,
             "agent " + which.hostname + " is unreachable");
  // What did not end is not counted until the agent is back.
  for (auto& part : std::vector<agent_usage>{which.usage})
    release(which, state_.frameworks_.at(part.framework), part.role,
            part.amount);
  set_state(which, cluster::AGENT_UNREACHABLE);
  out_.agent_changed
    = agent_change{id, which.incarnation, agent_change::kind::unreachable};
  store(which);
  return {};
}

status cluster_applier::on(const cluster::AgentGone& what) {
  auto id = id_of<agent_id>(what.agent_id());
  if (auto err = can_mark_gone(state_, id))
    return err;
  auto& which = agent(what.agent_id());
  lose_tasks(which, v1::TASK_GONE_BY_OPERATOR,
             v1::TaskStatus::REASON_AGENT_REMOVED_BY_OPERATOR,
             "agent " + which.hostname + " was marked gone");
  while (!which.executors.empty())
    end_executor(which.executors.begin()->second);
  set_state(which, cluster::AGENT_GONE);
  out_.agent_changed
    = agent_change{id, which.incarnation, agent_change::kind::gone};
  store(which);
  forget_gone_agents();
  return {};
}

void cluster_applier::lose_tasks(agent_record& which,
                                 v1::TaskState for_partition_aware,
                                 v1::TaskStatus::Reason reason,
                                 const std::string& message) {
  auto state_for = [&](const task_record& task) {
    return task.framework->partition_aware ? for_partition_aware
                                           : v1::TASK_LOST;
  };
  auto ending = static_cast<size_t>(
    std::count_if(which.tasks.begin(), which.tasks.end(), [&](auto* task) {
      return !task->terminal() && is_terminal(state_for(*task));
    }));
  auto passing = passing_of(ending);
  // A copy: tasks that end leave the list.
  for (auto* task : std::vector<task_record*>{which.tasks}) {
    if (task->terminal())
      continue;
    auto state = state_for(*task);
    auto news = made_status(state, reason, message);
    if (for_partition_aware == v1::TASK_UNREACHABLE)
      news.mutable_unreachable_time()->set_nanoseconds(out_.time_ns);
    change_state(*task, std::move(news));
    if (!is_terminal(state)) {
      store_state(*task);
      continue;
    }
    archive(*task, passing == 0);
    if (passing > 0)
      --passing;
  }
}

void cluster_applier::set_state(agent_record& which,
                                cluster::AgentState state) {
  --state_.agents_in_state_[which.state];
  ++state_.agents_in_state_[state];
  which.state = state;
  which.state_since_ns = out_.time_ns;
  if (state == cluster::AGENT_GONE)
    state_.gone_agents_.emplace(std::pair{out_.time_ns, which.id}, &which);
}

void cluster_applier::forget_gone_agents() {
  auto& gone = state_.gone_agents_;
  for (auto i = gone.begin();
       i != gone.end() && gone.size() > state_.limits_.gone_agents;) {
    auto& which = *i->second;
    // It is needed until its tasks' ends are acknowledged.
    if (!which.tasks.empty()) {
      ++i;
      continue;
    }
    i = gone.erase(i);
    out_.evicted_agents.push_back(which.id);
    changes_.erase(state_keys::of_agent(which.id));
    --state_.agents_in_state_[which.state];
    state_.agents_by_uid_.erase(which.uid);
    state_.agents_.erase(agent_id{which.id});
  }
}

} // namespace agora
