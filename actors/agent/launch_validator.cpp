// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/launch_validator.hpp"

#include "actors/agent/containerizer/process_limits.hpp"

#include <google/protobuf/util/message_differencer.h>

#include <utility>
#include <vector>

namespace agora {

namespace {

std::string check_command(const v1::CommandInfo& command,
                          const std::string& field) {
  if (command.value().empty())
    return field + ".value is missing: there is nothing to run";
  for (auto& variable : command.environment().variables())
    if (variable.type() == v1::Environment::Variable::SECRET)
      return field + ".environment: variable '" + variable.name()
             + "' is a secret, which this agent does not support";
  return {};
}

std::string check_container(const v1::ContainerInfo& container,
                            const std::string& field) {
  if (container.has_docker() || container.mesos().has_image())
    return field + ": images are not supported by this agent";
  if (container.volumes_size() > 0)
    return field + ".volumes are not supported by this agent";
  if (auto limits = process_limits_of(container.rlimit_info()); !limits)
    return field + ".rlimit_info." + text_of(limits.error());
  return {};
}

std::string check_task(const v1::TaskInfo& task, bool in_default_executor,
                       bool in_custom_executor) {
  auto field = "task '" + task.task_id().value() + "': ";
  if (task.has_container())
    if (auto text = check_container(task.container(), field + "container");
        !text.empty())
      return text;
  if (in_custom_executor)
    return {};
  if (!task.has_command())
    return field
           + (in_default_executor ? "command is missing"
                                  : "neither command nor executor is set");
  return check_command(task.command(), field + "command");
}

launch_judgement refused(launch_judgement judged, std::string text) {
  judged.refused = true;
  judged.text = std::move(text);
  return judged;
}

/// Keeps the name of the first field that differs.
class first_difference
  : public google::protobuf::util::MessageDifferencer::Reporter {
public:
  using message = google::protobuf::Message;
  using path
    = std::vector<google::protobuf::util::MessageDifferencer::SpecificField>;

  void ReportAdded(const message&, const message&, const path& at) override {
    keep(at);
  }

  void ReportDeleted(const message&, const message&, const path& at) override {
    keep(at);
  }

  void ReportModified(const message&, const message&, const path& at) override {
    keep(at);
  }

  std::string name;

private:
  void keep(const path& at) {
    if (!name.empty())
      return;
    for (auto& part : at)
      if (part.field != nullptr)
        name += (name.empty() ? "" : ".") + part.field->name();
  }
};

} // namespace

launch_judgement judge_launch(const session::TaskLaunch& launch) {
  launch_judgement judged;
  if (launch.has_group_executor()) {
    judged.executor = &launch.group_executor();
    judged.reason = v1::TaskStatus::REASON_TASK_GROUP_INVALID;
  } else if (launch.tasks(0).has_executor()) {
    judged.executor = &launch.tasks(0).executor();
    if (launch.tasks(0).has_command())
      return refused(judged, "task '" + launch.tasks(0).task_id().value()
                               + "': both command and executor are set");
  }
  if (judged.executor != nullptr) {
    auto& executor = *judged.executor;
    if (executor.executor_id().value().empty())
      return refused(judged, "executor.executor_id is missing");
    judged.kind = executor.type() == v1::ExecutorInfo::DEFAULT
                    ? executor_kind::group
                    : executor_kind::custom;
    if (judged.kind == executor_kind::custom) {
      if (auto text = check_command(executor.command(), "executor.command");
          !text.empty())
        return refused(judged, std::move(text));
    }
    if (executor.has_container())
      if (auto text
          = check_container(executor.container(), "executor.container");
          !text.empty())
        return refused(judged, std::move(text));
  }
  for (auto& task : launch.tasks())
    if (auto text = check_task(task, judged.kind == executor_kind::group,
                               judged.kind == executor_kind::custom);
        !text.empty())
      return refused(judged, std::move(text));
  return judged;
}

std::string differing_field(const v1::ExecutorInfo& known,
                            const v1::ExecutorInfo& wanted) {
  google::protobuf::util::MessageDifferencer judge;
  auto& fields = *v1::ExecutorInfo::descriptor();
  judge.IgnoreField(fields.FindFieldByName("framework_id"));
  judge.IgnoreField(fields.FindFieldByName("type"));
  judge.set_repeated_field_comparison(
    google::protobuf::util::MessageDifferencer::AS_SET);
  first_difference found;
  judge.ReportDifferencesTo(&found);
  judge.Compare(known, wanted);
  return found.name;
}

} // namespace agora
