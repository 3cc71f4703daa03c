// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/check.hpp"
#include "storage/cluster/cluster_applier.hpp"
#include "storage/cluster/record_codec.hpp"
#include "storage/cluster/record_links.hpp"
#include "storage/cluster/state_keys.hpp"

// What happens to tasks and executors that exist.

namespace agora {

task_record* cluster_applier::find_task(const v1::FrameworkID& owner,
                                        const v1::TaskID& task) {
  auto found = state_.frameworks_.find(id_of<framework_id>(owner));
  if (found == state_.frameworks_.end())
    return nullptr;
  auto& tasks = found->second.tasks;
  auto position = tasks.find(task.value());
  return position != tasks.end() ? &position->second : nullptr;
}

v1::TaskStatus cluster_applier::made_status(v1::TaskState state,
                                            v1::TaskStatus::Reason reason,
                                            const std::string& message) const {
  v1::TaskStatus made;
  made.set_state(state);
  made.set_source(v1::TaskStatus::SOURCE_MASTER);
  made.set_reason(reason);
  made.set_message(std::string{cut_text(message, made_message_bytes)});
  return made;
}

void cluster_applier::change_state(task_record& task, v1::TaskStatus news) {
  auto& place = *task.agent;
  auto& owner = *task.framework;
  auto from = task.state;
  auto to = news.state();
  news.mutable_task_id()->set_value(*task.id);
  news.mutable_agent_id()->set_value(place.id.text());
  if (!news.has_timestamp())
    news.set_timestamp(static_cast<double>(out_.time_ns) / 1e9);
  task.state = to;
  task.status = compact_status(news);
  for (auto* counts : {&state_.counts_, &owner.counts, &place.counts}) {
    counts->remove(from);
    counts->add(to);
  }
  if (is_terminal(to)) {
    task.ended_ns = out_.time_ns;
    release(place, owner, task.role.text(), task.amount);
  }
  out_.transitions.push_back(task_transition{
    .key = task.key(),
    .agent = place.id,
    .executor = task.executor_name(),
    .role = task.role.text(),
    .from = from,
    .to = to,
    .became_terminal = is_terminal(to),
    .awaits_acknowledgement = is_terminal(to) && !news.uuid().empty(),
    .status = std::move(news),
  });
}

status cluster_applier::on(const cluster::TasksConfirmedEntry& what) {
  auto place = id_of<agent_id>(what.agent_id());
  if (auto err
      = can_confirm(state_, id_of<framework_id>(what.framework_id()), place))
    return err;
  for (auto& id : what.task_ids()) {
    auto* task = find_task(what.framework_id(), id);
    if (task == nullptr || task->confirmed || task->agent->id != place)
      continue;
    task->confirmed = true;
    out_.confirmed.push_back(task->key());
    store_state(*task);
  }
  return {};
}

status cluster_applier::on(const cluster::TaskStatusLogged& what) {
  if (auto err = can_log_status(state_, what))
    return err;
  auto* task = find_task(what.framework_id(), what.status().task_id());
  AGORA_CHECK(task != nullptr);
  // What the agent speaks of, it has stored.
  if (what.has_agent_incarnation())
    task->confirmed = true;
  change_state(*task, what.status());
  if (task->terminal() && what.status().uuid().empty())
    archive(*task);
  else
    store_state(*task);
  return {};
}

status cluster_applier::on(const cluster::StatusAcknowledged& what) {
  auto key = task_key{id_of<framework_id>(what.framework_id()),
                      id_of<task_id>(what.task_id())};
  if (auto err = can_acknowledge(state_, key, what.uuid()))
    return err;
  auto* task = find_task(what.framework_id(), what.task_id());
  AGORA_CHECK(task != nullptr);
  out_.acknowledged
    = task_acknowledged{std::move(key), task->agent->id, what.uuid()};
  archive(*task);
  return {};
}

status cluster_applier::on(const cluster::KillRequested& what) {
  auto key = task_key{id_of<framework_id>(what.framework_id()),
                      id_of<task_id>(what.task_id())};
  if (auto err = can_kill(state_, key))
    return err;
  auto* task = find_task(what.framework_id(), what.task_id());
  AGORA_CHECK(task != nullptr);
  task->kill_requested = true;
  // A later request may have more, or less, patience; one that does not say
  // keeps what was said.
  if (what.has_kill_policy())
    task->kill_policy = std::make_unique<v1::KillPolicy>(what.kill_policy());
  out_.kill = kill_requested{std::move(key), task->agent->id, std::nullopt};
  if (task->kill_policy)
    out_.kill->policy = *task->kill_policy;
  store_state(*task);
  return {};
}

status cluster_applier::on(const cluster::ExecutorEndedEntry& what) {
  auto place = id_of<agent_id>(what.agent_id());
  auto key = executor_key{id_of<framework_id>(what.framework_id()),
                          id_of<executor_id>(what.executor_id())};
  if (auto err = can_end_executor(state_, place, key))
    return err;
  end_executor(agent(what.agent_id()).executors.at(key));
  return {};
}

void cluster_applier::end_executor(executor_record& which, stored_form form) {
  auto& place = *which.agent;
  auto& owner = *which.framework;
  auto key = which.key();
  release(place, owner, which.role.text(), which.amount);
  if (form == stored_form::there)
    changes_.erase(state_keys::of_executor(place.id, key));
  out_.executors_ended.push_back(
    {key, place.id, which.role.text(), which.amount});
  owner.executors.erase(std::pair{place.id, key.executor});
  place.executors.erase(key);
}

} // namespace agora
