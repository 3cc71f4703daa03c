// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/ids.hpp"
#include "runtime/base/launch_id.hpp"
#include "runtime/resources/resources_codec.hpp"
#include "runtime/resources/resources_text.hpp"

#include "agora/session/agent.pb.h"
#include "agora/v1/scheduler/scheduler.pb.h"

#include <string>
#include <vector>

// Short words for what agents and schedulers say to a master.

namespace agora::test {

inline wire_resources wire_of(const std::string& text) {
  return resources_to_wire(*parse_resources(text));
}

inline session::AgentMessage attach_message(const std::string& uid,
                                            uint64_t incarnation,
                                            const std::string& total) {
  session::AgentMessage message;
  auto& attach = *message.mutable_attach();
  attach.set_uid(uid);
  attach.set_incarnation(incarnation);
  attach.set_boot_id("boot");
  attach.set_software("agent");
  attach.mutable_info()->set_hostname("host-" + uid);
  attach.mutable_info()->set_port(5051);
  *attach.mutable_info()->mutable_resources() = wire_of(total);
  return message;
}

inline session::HeldTask held_task(const std::string& framework,
                                   const std::string& task, v1::TaskState state,
                                   const std::string& uuid = {},
                                   const launch_id& launch = {}) {
  session::HeldTask held;
  if (!launch.empty())
    set_wire(held.mutable_launch_id(), launch);
  held.mutable_framework_id()->set_value(framework);
  held.mutable_task_id()->set_value(task);
  auto& latest = *held.mutable_latest_status();
  latest.mutable_task_id()->set_value(task);
  latest.set_state(state);
  if (!uuid.empty())
    latest.set_uuid(uuid);
  auto& info = *held.mutable_info();
  info.set_name("orphan");
  info.mutable_task_id()->set_value(task);
  *info.mutable_resources() = wire_of("cpus:1;mem:64");
  return held;
}

inline session::AgentMessage status_message(const std::string& framework,
                                            const std::string& task,
                                            v1::TaskState state,
                                            const std::string& uuid,
                                            const launch_id& launch = {}) {
  session::AgentMessage message;
  auto& entry = *message.mutable_statuses()->add_entries();
  if (!launch.empty())
    set_wire(entry.mutable_launch_id(), launch);
  entry.mutable_framework_id()->set_value(framework);
  auto& status = *entry.mutable_status();
  status.mutable_task_id()->set_value(task);
  status.set_state(state);
  status.set_uuid(uuid);
  status.set_source(v1::TaskStatus::SOURCE_EXECUTOR);
  status.set_timestamp(1);
  return message;
}

inline session::AgentMessage confirm_message(const std::string& framework,
                                             const std::string& task) {
  session::AgentMessage message;
  auto& note = *message.mutable_tasks_confirmed();
  note.mutable_framework_id()->set_value(framework);
  note.add_task_ids()->set_value(task);
  return message;
}

inline session::AgentMessage
executor_ended_message(const std::string& framework, const std::string& id) {
  session::AgentMessage message;
  auto& ended = *message.mutable_executor_ended();
  ended.mutable_framework_id()->set_value(framework);
  ended.mutable_executor_id()->set_value(id);
  return message;
}

inline v1::scheduler::Call call_of(v1::scheduler::Call::Type type,
                                   const std::string& framework) {
  v1::scheduler::Call call;
  call.set_type(type);
  if (!framework.empty())
    call.mutable_framework_id()->set_value(framework);
  return call;
}

struct framework_kind {
  std::string id = {};
  std::vector<std::string> roles = {"*"};
  double failover_timeout = 0;
  bool partition_aware = true;
};

inline v1::scheduler::Call subscribe_call(const framework_kind& kind = {}) {
  auto call = call_of(v1::scheduler::Call::SUBSCRIBE, kind.id);
  auto& info = *call.mutable_subscribe()->mutable_framework_info();
  info.set_user("root");
  info.set_name("test");
  if (!kind.id.empty())
    info.mutable_id()->set_value(kind.id);
  for (auto& role : kind.roles)
    info.add_roles(role);
  info.set_failover_timeout(kind.failover_timeout);
  info.add_capabilities()->set_type(v1::FrameworkInfo::Capability::MULTI_ROLE);
  if (kind.partition_aware)
    info.add_capabilities()->set_type(
      v1::FrameworkInfo::Capability::PARTITION_AWARE);
  return call;
}

inline v1::TaskInfo command_task(const std::string& id,
                                 const std::string& agent,
                                 const std::string& amount = "cpus:1;mem:64") {
  v1::TaskInfo task;
  task.set_name(id);
  task.mutable_task_id()->set_value(id);
  task.mutable_agent_id()->set_value(agent);
  task.mutable_command()->set_value("true");
  *task.mutable_resources() = wire_of(amount);
  return task;
}

/// The same with an executor of the framework's own, which takes cpus:1;mem:32.
inline v1::TaskInfo executor_task(const std::string& id,
                                  const std::string& agent,
                                  const std::string& executor) {
  auto task = command_task(id, agent);
  auto& info = *task.mutable_executor();
  info.mutable_executor_id()->set_value(executor);
  *info.mutable_command() = task.command();
  *info.mutable_resources() = wire_of("cpus:1;mem:32");
  task.clear_command();
  return task;
}

/// An ACCEPT that launches nothing yet.
inline v1::scheduler::Call accept_call(const std::string& framework,
                                       const std::vector<std::string>& offers) {
  auto call = call_of(v1::scheduler::Call::ACCEPT, framework);
  for (auto& offer : offers)
    call.mutable_accept()->add_offer_ids()->set_value(offer);
  return call;
}

inline void add_launch(v1::scheduler::Call& accept,
                       const std::vector<v1::TaskInfo>& tasks) {
  auto& operation = *accept.mutable_accept()->add_operations();
  operation.set_type(v1::Offer::Operation::LAUNCH);
  for (auto& task : tasks)
    *operation.mutable_launch()->add_task_infos() = task;
}

inline v1::scheduler::Call kill_call(const std::string& framework,
                                     const std::string& task) {
  auto call = call_of(v1::scheduler::Call::KILL, framework);
  call.mutable_kill()->mutable_task_id()->set_value(task);
  return call;
}

inline v1::scheduler::Call acknowledge_call(const std::string& framework,
                                            const v1::TaskStatus& status) {
  auto call = call_of(v1::scheduler::Call::ACKNOWLEDGE, framework);
  auto& note = *call.mutable_acknowledge();
  *note.mutable_agent_id() = status.agent_id();
  *note.mutable_task_id() = status.task_id();
  note.set_uuid(status.uuid());
  return call;
}

} // namespace agora::test
