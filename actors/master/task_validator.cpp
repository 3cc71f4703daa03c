// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/task_validator.hpp"

#include "runtime/resources/resources_codec.hpp"
#include "runtime/validation/required_fields.hpp"
#include "storage/cluster/cluster_rules.hpp"

#include <cmath>
#include <set>

namespace agora {

namespace {

/// Durations on the wire are signed; a grace period is not.
status check_duration(const char* field, const v1::DurationInfo& value) {
  if (value.nanoseconds() < 0)
    return fail(errc::invalid_argument,
                std::string{field} + " must not be negative");
  return {};
}

status check_command(const char* field, const v1::CommandInfo& command) {
  if (command.shell() && command.value().empty())
    return fail(errc::invalid_argument,
                std::string{field}
                  + ".value is empty: there is nothing for the shell to run");
  if (!command.shell() && command.value().empty()
      && command.arguments().empty())
    return fail(errc::invalid_argument,
                std::string{field}
                  + ".value and arguments are empty: there is no program");
  for (auto& variable : command.environment().variables()) {
    if (variable.type() == v1::Environment::Variable::SECRET)
      return fail(errc::invalid_argument,
                  std::string{field} + ".environment: " + variable.name()
                    + " is a secret, which is not supported yet");
    if (variable.name().empty()
        || variable.name().find('=') != std::string::npos)
      return fail(errc::invalid_argument,
                  std::string{field} + ".environment: \"" + variable.name()
                    + "\" cannot be the name of a variable");
  }
  return {};
}

/// What a task or executor may ask for, and this version cannot give: better
/// refused than run without.
status check_container(const char* field, const v1::ContainerInfo& container) {
  if (container.type() == v1::ContainerInfo::DOCKER || container.has_docker()
      || container.mesos().has_image() || container.volumes_size() > 0
      || container.network_infos_size() > 0 || container.has_tty_info()
      || container.has_linux_info())
    return fail(
      errc::invalid_argument,
      std::string{field}
        + ": images, volumes, networks, terminals and cgroups are not "
          "supported yet");
  return {};
}

status check_executor(const char* field, const v1::ExecutorInfo& executor,
                      const framework_id& framework) {
  auto name = std::string{field};
  if (auto bad
      = check_object_id(name + ".executor_id", executor.executor_id().value()))
    return bad;
  if (executor.has_framework_id()
      && executor.framework_id().value() != framework.text())
    return fail(errc::invalid_argument,
                name + ".framework_id is that of another framework");
  if (executor.has_container())
    if (auto bad
        = check_container((name + ".container").c_str(), executor.container()))
      return bad;
  if (executor.has_shutdown_grace_period())
    if (auto bad = check_duration((name + ".shutdown_grace_period").c_str(),
                                  executor.shutdown_grace_period()))
      return bad;
  auto amount = resources_from_wire(executor.resources());
  if (!amount)
    return fail(errc::invalid_resources,
                name + ".resources: " + text_of(amount.error()));
  return {};
}

status check_custom_executor(const char* field,
                             const v1::ExecutorInfo& executor) {
  if (!executor.has_command())
    return fail(errc::invalid_argument,
                std::string{field}
                  + ".command is missing: nothing says how to start it");
  return check_command((std::string{field} + ".command").c_str(),
                       executor.command());
}

/// What tasks alone and in groups have in common.
status check_common(const v1::TaskInfo& task, const agent_id& agent) {
  if (auto bad = check_required(task, "task"))
    return bad;
  if (auto bad = check_object_id("task_id", task.task_id().value()))
    return bad;
  if (task.ByteSizeLong() > task_info_bytes_limit)
    return fail(
      errc::invalid_argument,
      "the task's description has " + std::to_string(task.ByteSizeLong())
        + " bytes, over the limit of " + std::to_string(task_info_bytes_limit)
        + "; is its environment or data too large?");
  if (task.agent_id().value() != agent.text())
    return fail(errc::invalid_argument, "agent_id is " + task.agent_id().value()
                                          + ", but the offers are of "
                                          + agent.text());
  auto amount = resources_from_wire(task.resources());
  if (!amount)
    return fail(errc::invalid_resources,
                "resources: " + text_of(amount.error()));
  if (amount->empty())
    return fail(errc::invalid_resources, "resources is empty");
  if (task.has_container())
    if (auto bad = check_container("container", task.container()))
      return bad;
  if (task.has_health_check() || task.has_check())
    return fail(errc::invalid_argument,
                "health_check and check are not supported yet");
  if (task.has_kill_policy() && task.kill_policy().has_grace_period())
    if (auto bad = check_duration("kill_policy.grace_period",
                                  task.kill_policy().grace_period()))
      return bad;
  if (task.has_max_completion_time())
    if (auto bad
        = check_duration("max_completion_time", task.max_completion_time()))
      return bad;
  return {};
}

status check_role(const std::string& role) {
  auto quoted = "role \"" + role + "\"";
  if (role == "*")
    return {};
  if (role.empty() || role == "." || role == "..")
    return fail(errc::invalid_argument, quoted + " is not allowed");
  if (role.front() == '-' || role.front() == '/' || role.back() == '/')
    return fail(errc::invalid_argument,
                quoted + " begins or ends with a character it may not");
  for (auto c : role)
    if (static_cast<unsigned char>(c) <= ' ' || c == '*' || c == 0x7f)
      return fail(errc::invalid_argument,
                  quoted + " has a space, a star or a control character");
  return {};
}

} // namespace

status validate_task(const v1::TaskInfo& task, const framework_id& framework,
                     const agent_id& agent) {
  if (auto bad = check_common(task, agent))
    return bad;
  if (task.has_executor() == task.has_command())
    return fail(errc::invalid_argument,
                "exactly one of command and executor must be set");
  if (task.has_command())
    return check_command("command", task.command());
  if (task.executor().type() == v1::ExecutorInfo::DEFAULT)
    return fail(errc::invalid_argument,
                "executor.type: the default executor runs task groups only");
  if (auto bad = check_executor("executor", task.executor(), framework))
    return bad;
  return check_custom_executor("executor", task.executor());
}

status validate_group(const v1::ExecutorInfo& executor,
                      const v1::TaskGroupInfo& group,
                      const framework_id& framework, const agent_id& agent) {
  if (group.tasks().empty())
    return fail(errc::invalid_argument, "task_group.tasks is empty");
  auto bytes = group.ByteSizeLong() + executor.ByteSizeLong();
  if (bytes > task_group_bytes_limit)
    return fail(errc::invalid_argument,
                "task_group and executor have " + std::to_string(bytes)
                  + " bytes, over the limit of "
                  + std::to_string(task_group_bytes_limit));
  if (auto bad = check_required(executor, "executor"))
    return bad;
  if (auto bad = check_executor("executor", executor, framework))
    return bad;
  if (executor.type() != v1::ExecutorInfo::DEFAULT)
    if (auto bad = check_custom_executor("executor", executor))
      return bad;
  for (auto& task : group.tasks()) {
    auto name = "task " + task.task_id().value() + ": ";
    if (auto bad = check_common(task, agent))
      return fail(code_of(bad), name + text_of(bad));
    if (task.has_executor())
      return fail(errc::invalid_argument,
                  name + "executor must not be set in a group");
    if (executor.type() == v1::ExecutorInfo::DEFAULT && !task.has_command())
      return fail(errc::invalid_argument, name + "command is missing");
    if (task.has_command())
      if (auto bad = check_command("command", task.command()))
        return fail(code_of(bad), name + text_of(bad));
  }
  return {};
}

// Frameworks without MULTI_ROLE still come with the old field.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace {

bool has_old_role(const v1::FrameworkInfo& info) {
  return info.has_role();
}

const std::string& old_role(const v1::FrameworkInfo& info) {
  return info.role();
}

} // namespace

#pragma GCC diagnostic pop

std::vector<std::string> roles_of(const v1::FrameworkInfo& info) {
  if (info.roles().empty())
    return {old_role(info)};
  std::set<std::string> roles{info.roles().begin(), info.roles().end()};
  return {roles.begin(), roles.end()};
}

status validate_framework(const v1::FrameworkInfo& info, size_t roles_limit) {
  if (auto bad = check_required(info, "framework_info"))
    return bad;
  if (info.ByteSizeLong() > framework_info_bytes_limit)
    return fail(errc::invalid_argument,
                "framework_info is larger than "
                  + std::to_string(framework_info_bytes_limit) + " bytes");
  auto timeout = info.failover_timeout();
  // The upper bound is a century: more overflows what counts nanoseconds.
  if (!std::isfinite(timeout) || timeout < 0 || timeout > 3.2e9)
    return fail(errc::invalid_argument,
                "framework_info.failover_timeout must be from 0 to 3.2e9 s");
  if (info.roles_size() > 0 && has_old_role(info))
    return fail(errc::invalid_argument,
                "framework_info: only one of role and roles may be set");
  auto roles = roles_of(info);
  if (roles.size() > roles_limit)
    return fail(errc::invalid_argument,
                "framework_info.roles has " + std::to_string(roles.size())
                  + " roles; the limit is " + std::to_string(roles_limit));
  for (auto& role : roles)
    if (auto bad = check_role(role))
      return fail(errc::invalid_argument, "framework_info: " + text_of(bad));
  return {};
}

} // namespace agora
