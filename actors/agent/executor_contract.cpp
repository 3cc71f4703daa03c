// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/executor_contract.hpp"

#include <algorithm>
#include <string>

namespace agora {

namespace {

/// As the field's executors read durations.
std::string seconds_text(std::chrono::nanoseconds span) {
  auto whole = std::chrono::duration_cast<std::chrono::seconds>(span).count();
  return std::to_string(whole) + "secs";
}

const v1::FrameworkInfo& framework_of(const agent_books& books,
                                      const held_executor& executor) {
  auto found = books.frameworks.find(executor.key.framework);
  return found == books.frameworks.end() ? v1::FrameworkInfo::default_instance()
                                         : found->second;
}

} // namespace

container_start executor_process(const agent_books& books,
                                 const held_executor& executor) {
  container_start start;
  start.container = executor.container;
  start.sandbox = executor.sandbox;
  start.command = executor.info.command();
  start.user = start.command.has_user() ? start.command.user()
                                        : framework_of(books, executor).user();
  start.limits = executor.info.container().rlimit_info();
  auto& timeouts = books.options.timeouts;
  auto agent = to_string(books.options.own_address);
  auto sandbox = executor.sandbox.string();
  start.environment = {
    {"AGORA_AGENT", agent},
    {"AGORA_EXECUTOR_ID", executor.key.executor.text()},
    {"AGORA_FRAMEWORK_ID", executor.key.framework.text()},
    {"MESOS_AGENT_ENDPOINT", agent},
    {"MESOS_CHECKPOINT", "1"},
    {"MESOS_DIRECTORY", sandbox},
    {"MESOS_EXECUTOR_ID", executor.key.executor.text()},
    {"MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD",
     seconds_text(shutdown_grace(books, executor))},
    {"MESOS_FRAMEWORK_ID", executor.key.framework.text()},
    {"MESOS_RECOVERY_TIMEOUT", seconds_text(timeouts.executor_recovery)},
    {"MESOS_SANDBOX", sandbox},
    {"MESOS_SLAVE_ID", books.identity.agent_id()},
    {"MESOS_SUBSCRIPTION_BACKOFF_MAX", "2secs"},
  };
  return start;
}

v1::executor::Event subscribed_event(const agent_books& books,
                                     const held_executor& executor) {
  v1::executor::Event event;
  event.set_type(v1::executor::Event::SUBSCRIBED);
  auto subscribed = event.mutable_subscribed();
  *subscribed->mutable_executor_info() = executor.info;
  *subscribed->mutable_framework_info() = framework_of(books, executor);
  *subscribed->mutable_agent_info() = books.options.info;
  subscribed->mutable_agent_info()->mutable_id()->set_value(
    books.identity.agent_id());
  if (!executor.container.empty())
    subscribed->mutable_container_id()->set_value(executor.container.text());
  return event;
}

std::chrono::nanoseconds shutdown_grace(const agent_books& books,
                                        const held_executor& executor) {
  auto& info = executor.info;
  if (info.has_shutdown_grace_period()
      && info.shutdown_grace_period().nanoseconds() >= 0)
    return std::min(
      std::chrono::nanoseconds{info.shutdown_grace_period().nanoseconds()},
      std::chrono::nanoseconds{longest_grace});
  return books.options.timeouts.executor_shutdown_grace;
}

} // namespace agora
