// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/cluster/cluster_records.hpp"

namespace agora {

size_t task_counts::live() const {
  size_t sum = 0;
  for (size_t i = 0; i < counts_.size(); ++i)
    if (!is_terminal(static_cast<v1::TaskState>(i)))
      sum += counts_[i];
  return sum;
}

size_t task_counts::total() const {
  size_t sum = 0;
  for (auto count : counts_)
    sum += count;
  return sum;
}

task_key task_record::key() const {
  return {framework->id, task_id{*id}};
}

bool task_record::terminal() const {
  return is_terminal(state);
}

v1::TaskStatus task_record::latest_status() const {
  v1::TaskStatus result;
  if (status.empty() || !result.ParseFromString(status)) {
    result.set_state(state);
    result.set_source(v1::TaskStatus::SOURCE_MASTER);
    result.set_timestamp(static_cast<double>(launched_ns) / 1e9);
  }
  result.mutable_task_id()->set_value(*id);
  result.mutable_agent_id()->set_value(agent->id.text());
  return result;
}

std::string task_record::status_uuid() const {
  v1::TaskStatus parsed;
  if (status.empty() || !parsed.ParseFromString(status))
    return {};
  return parsed.uuid();
}

v1::AgentInfo agent_record::info() const {
  v1::AgentInfo result;
  // Partial: what the wire requires is judged before it gets into the log.
  result.ParsePartialFromString(packed_info);
  return result;
}

void agent_record::set_info(const v1::AgentInfo& info) {
  hostname = info.hostname();
  port = info.port();
  packed_info = info.SerializePartialAsString();
}

executor_key executor_record::key() const {
  return {framework->id, id};
}

v1::TaskStatus status_of(const cluster::TaskRecord& record) {
  v1::TaskStatus result;
  if (!result.ParseFromString(record.status()))
    result.Clear();
  result.set_state(record.state());
  result.mutable_task_id()->set_value(record.task_id());
  result.mutable_agent_id()->set_value(record.agent_id());
  return result;
}

} // namespace agora
