// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/task_statuses.hpp"

#include "runtime/validation/task_states.hpp"

namespace agora {

v1::TaskStatus make_status(const task_id& task, const agent_id& agent,
                           const master_verdict& verdict, wall_time now) {
  v1::TaskStatus update;
  update.mutable_task_id()->set_value(task.text());
  if (!agent.empty())
    update.mutable_agent_id()->set_value(agent.text());
  update.set_state(verdict.state);
  update.set_source(v1::TaskStatus::SOURCE_MASTER);
  update.set_reason(verdict.reason);
  update.set_message(verdict.text);
  update.set_timestamp(static_cast<double>(to_nanoseconds(now)) / 1e9);
  return update;
}

v1::TaskState dropped_or_lost(bool partition_aware) {
  return partition_aware ? v1::TASK_DROPPED : v1::TASK_LOST;
}

v1::TaskStatus as_reconciliation(v1::TaskStatus update) {
  update.set_source(v1::TaskStatus::SOURCE_MASTER);
  update.set_reason(v1::TaskStatus::REASON_RECONCILIATION);
  update.set_message("this is the newest state that the master knows");
  update.clear_uuid();
  update.clear_data();
  return update;
}

bool is_earlier_end(const cluster_state& state, const task_key& key,
                    const v1::TaskStatus& latest) {
  if (!is_terminal(latest.state()) || latest.uuid().empty()
      || state.find_task(key) == nullptr)
    return false;
  auto* ended = state.find_ended_task(key);
  return ended != nullptr && status_of(*ended).uuid() == latest.uuid();
}

} // namespace agora
