// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/task_statuses.hpp"

#include "storage/cluster/record_codec.hpp"

namespace agora {

namespace {

constexpr size_t brief_text_bytes = 512;

} // namespace

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

v1::TaskStatus brief_status(const v1::TaskStatus& update) {
  v1::TaskStatus brief;
  brief.set_state(update.state());
  if (update.has_source())
    brief.set_source(update.source());
  if (update.has_reason())
    brief.set_reason(update.reason());
  if (update.has_timestamp())
    brief.set_timestamp(update.timestamp());
  if (update.has_healthy())
    brief.set_healthy(update.healthy());
  brief.set_message(std::string{cut_text(update.message(), brief_text_bytes)});
  return brief;
}

} // namespace agora
