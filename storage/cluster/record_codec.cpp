// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/cluster/record_codec.hpp"

#include "runtime/resources/resources_codec.hpp"
#include "storage/cluster/cluster_limits.hpp"
#include "storage/cluster/record_links.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <utility>

namespace agora {

std::string stable_bytes(const google::protobuf::MessageLite& what) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream{&bytes};
  google::protobuf::io::CodedOutputStream coded{&stream};
  coded.SetSerializationDeterministic(true);
  what.SerializePartialToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

cluster::AgentRecord to_stored(const agent_record& agent) {
  cluster::AgentRecord to;
  to.set_agent_id(agent.id.text());
  to.set_uid(agent.uid);
  to.set_incarnation(agent.incarnation);
  *to.mutable_info() = agent.info();
  to.set_state(agent.state);
  to.set_state_since_ns(agent.state_since_ns);
  to.set_registered_ns(agent.registered_ns);
  to.set_software(agent.software);
  to.set_boot_id(agent.boot_id);
  return to;
}

cluster::FrameworkRecord to_stored(const framework_record& framework) {
  cluster::FrameworkRecord to;
  to.set_framework_id(framework.id.text());
  *to.mutable_info() = framework.info;
  to.set_incarnation(framework.incarnation);
  to.set_state(framework.state);
  to.set_state_since_ns(framework.state_since_ns);
  to.set_subscribed_ns(framework.subscribed_ns);
  if (framework.has_ended()) {
    to.set_end_reason(framework.end_reason);
    to.set_end_number(framework.end_number);
  }
  return to;
}

cluster::TaskRecord to_stored(const task_record& task) {
  cluster::TaskRecord to;
  to.set_framework_id(task.framework->id.text());
  to.set_task_id(*task.id);
  to.set_agent_id(task.agent->id.text());
  if (!task.executor.empty())
    to.set_executor_id(task.executor.text());
  to.set_name(task.name.text());
  to.set_task_info(task.task_info);
  *to.mutable_resources() = resources_to_wire(task.amount);
  to.set_launched_ns(task.launched_ns);
  if (!task.launch.empty())
    set_wire(to.mutable_launch_id(), task.launch);
  if (task.group)
    to.set_group_number(task.group->number);
  to.set_role(task.role.text());
  return to;
}

cluster::TaskStateRecord state_to_stored(const task_record& task) {
  cluster::TaskStateRecord to;
  to.set_state(task.state);
  if (!task.status.empty())
    to.set_status(task.status);
  if (task.confirmed)
    to.set_confirmed(true);
  if (task.kill_requested)
    to.set_kill_requested(true);
  if (task.kill_policy)
    *to.mutable_kill_policy() = *task.kill_policy;
  if (task.ended_ns != 0)
    to.set_ended_ns(task.ended_ns);
  return to;
}

namespace {

/// What every status of an ended task keeps of its text.
constexpr size_t kept_message_bytes = 1'024;

/// Leaves out of an ended task what may be large, until it fits.
void shrink(cluster::TaskRecord& task, size_t bytes_limit) {
  if (task.ByteSizeLong() <= bytes_limit)
    return;
  task.clear_task_info();
  if (task.ByteSizeLong() <= bytes_limit)
    return;
  task.clear_resources();
  task.set_name(std::string{cut_text(task.name(), object_id_bytes)});
  v1::TaskStatus whole;
  v1::TaskStatus kept;
  if (whole.ParseFromString(task.status())) {
    kept.set_state(whole.state());
    if (whole.has_source())
      kept.set_source(whole.source());
    if (whole.has_reason())
      kept.set_reason(whole.reason());
    if (whole.has_timestamp())
      kept.set_timestamp(whole.timestamp());
    if (whole.uuid().size() <= object_id_bytes)
      kept.set_uuid(whole.uuid());
    kept.set_message(
      std::string{cut_text(whole.message(), kept_message_bytes)});
  }
  task.set_status(stable_bytes(kept));
}

} // namespace

cluster::TaskRecord ended_to_stored(const task_record& task,
                                    uint64_t end_number, size_t bytes_limit) {
  auto to = to_stored(task);
  to.set_state(task.state);
  to.set_status(task.status);
  to.set_confirmed(task.confirmed);
  to.set_kill_requested(task.kill_requested);
  if (task.kill_policy)
    *to.mutable_kill_policy() = *task.kill_policy;
  to.set_ended_ns(task.ended_ns);
  to.set_acknowledged(true);
  to.set_end_number(end_number);
  shrink(to, bytes_limit);
  return to;
}

cluster::TaskGroupRecord to_stored(const framework_id& framework,
                                   const task_group& group) {
  cluster::TaskGroupRecord to;
  to.set_framework_id(framework.text());
  to.set_number(group.number);
  to.set_executor(group.executor);
  return to;
}

cluster::ExecutorRecord to_stored(const executor_record& executor) {
  cluster::ExecutorRecord to;
  to.set_framework_id(executor.framework->id.text());
  to.set_agent_id(executor.agent->id.text());
  to.set_executor_id(executor.id.text());
  *to.mutable_resources() = resources_to_wire(executor.amount);
  to.set_role(executor.role.text());
  return to;
}

std::string_view cut_text(std::string_view text, size_t bytes) {
  if (text.size() <= bytes)
    return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80)
    --bytes;
  return text.substr(0, bytes);
}

std::string compact_status(v1::TaskStatus what) {
  what.clear_task_id();
  what.clear_agent_id();
  return stable_bytes(what);
}

result<agent_record> agent_from_stored(cluster::AgentRecord from) {
  auto total = resources_from_wire(from.info().resources());
  if (!total)
    return std::move(total.error());
  if (from.agent_id().empty() || from.uid().empty())
    return fail(errc::invalid_argument, "agent_id or uid is empty");
  if (from.state() == cluster::AGENT_STATE_UNKNOWN)
    return fail(errc::invalid_argument, "state is missing or unknown");
  agent_record to;
  to.id = agent_id{from.agent_id()};
  to.uid = std::move(*from.mutable_uid());
  to.incarnation = from.incarnation();
  to.set_info(from.info());
  to.state = from.state();
  to.state_since_ns = from.state_since_ns();
  to.registered_ns = from.registered_ns();
  to.software = std::move(*from.mutable_software());
  to.boot_id = std::move(*from.mutable_boot_id());
  to.total = std::move(*total);
  return to;
}

result<framework_record> framework_from_stored(cluster::FrameworkRecord from) {
  if (from.framework_id().empty())
    return fail(errc::invalid_argument, "framework_id is empty");
  if (from.state() == cluster::FRAMEWORK_STATE_UNKNOWN)
    return fail(errc::invalid_argument, "state is missing or unknown");
  framework_record to;
  to.id = framework_id{from.framework_id()};
  to.info.Swap(from.mutable_info());
  to.incarnation = from.incarnation();
  to.state = from.state();
  to.state_since_ns = from.state_since_ns();
  to.subscribed_ns = from.subscribed_ns();
  to.end_reason = std::move(*from.mutable_end_reason());
  to.end_number = from.end_number();
  to.partition_aware = is_partition_aware(to.info);
  return to;
}

result<task_record> task_from_stored(cluster::TaskRecord& from,
                                     string_pool& strings) {
  auto amount = resources_from_wire(from.resources());
  if (!amount)
    return std::move(amount.error());
  if (from.task_id().empty())
    return fail(errc::invalid_argument, "task_id is missing");
  task_record to;
  to.executor = strings.intern(from.executor_id());
  to.name = strings.intern(from.name());
  to.role = strings.intern(from.role());
  to.amount = std::move(*amount);
  to.launched_ns = from.launched_ns();
  to.launch = launch_id_of(from.launch_id());
  to.task_info = std::move(*from.mutable_task_info());
  return to;
}

status state_from_stored(cluster::TaskStateRecord& from, task_record& to) {
  if (!from.has_state())
    return fail(errc::invalid_argument, "state is missing or unknown");
  to.state = from.state();
  to.confirmed = from.confirmed();
  to.kill_requested = from.kill_requested();
  to.ended_ns = from.ended_ns();
  to.status = std::move(*from.mutable_status());
  if (from.has_kill_policy())
    to.kill_policy = std::make_unique<v1::KillPolicy>(from.kill_policy());
  return {};
}

} // namespace agora
