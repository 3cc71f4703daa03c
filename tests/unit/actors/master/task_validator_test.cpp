// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/task_validator.hpp"
#include "tests/support/master_calls.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace agora::test {

namespace {

using ::testing::HasSubstr;

class task_validator : public ::testing::Test {
protected:
  template <class F>
  std::string refusal(F change) {
    auto task = command_task("t1", "a1");
    change(task);
    auto bad = validate_task(task, framework_id{"f1"}, agent_id{"a1"});
    return bad ? text_of(bad) : "accepted";
  }

  std::string with_cpus(double value) {
    return refusal([value](auto& task) {
      task.mutable_resources(0)->mutable_scalar()->set_value(value);
    });
  }
};

TEST_F(task_validator, takes_what_is_right) {
  EXPECT_EQ(refusal([](auto&) {}), "accepted");
  EXPECT_EQ(
    refusal([](auto& task) {
      auto& variable
        = *task.mutable_command()->mutable_environment()->add_variables();
      variable.set_name("LARGE");
      variable.set_value(std::string(1 << 20, 'x'));
    }),
    "accepted");
}

TEST_F(task_validator, names_resources_that_are_absurd) {
  for (auto value : {-1.0, std::numeric_limits<double>::quiet_NaN(),
                     std::numeric_limits<double>::infinity(), 1e18})
    EXPECT_THAT(with_cpus(value), HasSubstr("resources: ")) << value;
  EXPECT_THAT(with_cpus(-1.0), HasSubstr("cpus"));
  EXPECT_THAT(refusal([](auto& task) {
                task.clear_resources();
              }),
              HasSubstr("resources"));
  EXPECT_THAT(refusal([](auto& task) {
                auto& ports = *task.add_resources();
                ports.set_name("ports");
                ports.set_type(v1::Value::RANGES);
                for (auto end : {10, 20}) {
                  auto& range = *ports.mutable_ranges()->add_range();
                  range.set_begin(5);
                  range.set_end(static_cast<uint64_t>(end));
                }
              }),
              HasSubstr("ports"));
}

TEST_F(task_validator, names_what_is_missing_or_wrong) {
  EXPECT_THAT(refusal([](auto& task) {
                task.clear_name();
              }),
              HasSubstr("task: name"));
  EXPECT_THAT(refusal([](auto& task) {
                task.mutable_task_id()->set_value("a/b");
              }),
              HasSubstr("task_id"));
  EXPECT_THAT(refusal([](auto& task) {
                task.mutable_agent_id()->set_value("a2");
              }),
              HasSubstr("agent_id"));
  EXPECT_THAT(refusal([](auto& task) {
                task.clear_command();
              }),
              HasSubstr("command and executor"));
  EXPECT_THAT(refusal([](auto& task) {
                task.mutable_executor()->mutable_executor_id()->set_value("e");
              }),
              HasSubstr("command and executor"));
  EXPECT_THAT(refusal([](auto& task) {
                task.mutable_command()->clear_value();
              }),
              HasSubstr("command.value"));
  EXPECT_THAT(refusal([](auto& task) {
                task.clear_command();
                task.mutable_executor()->mutable_executor_id()->set_value("e");
              }),
              HasSubstr("executor.command"));
  EXPECT_THAT(
    refusal([](auto& task) {
      auto& variable
        = *task.mutable_command()->mutable_environment()->add_variables();
      variable.set_name("A=B");
      variable.set_value("x");
    }),
    HasSubstr("command.environment"));
  EXPECT_THAT(
    refusal([](auto& task) {
      task.mutable_kill_policy()->mutable_grace_period()->set_nanoseconds(-1);
    }),
    HasSubstr("kill_policy.grace_period"));
  EXPECT_THAT(refusal([](auto& task) {
                task.set_data(std::string(3 << 20, 'x'));
              }),
              HasSubstr("bytes"));
}

TEST_F(task_validator, names_what_is_not_supported) {
  EXPECT_THAT(refusal([](auto& task) {
                task.mutable_health_check()->set_type(v1::HealthCheck::COMMAND);
              }),
              HasSubstr("health_check"));
  EXPECT_THAT(refusal([](auto& task) {
                task.mutable_container()->set_type(v1::ContainerInfo::DOCKER);
              }),
              HasSubstr("container"));
}

TEST_F(task_validator, judges_groups) {
  v1::ExecutorInfo executor;
  executor.set_type(v1::ExecutorInfo::DEFAULT);
  executor.mutable_executor_id()->set_value("e1");
  v1::TaskGroupInfo group;
  auto refused = [&] {
    auto bad
      = validate_group(executor, group, framework_id{"f1"}, agent_id{"a1"});
    return bad ? text_of(bad) : "accepted";
  };
  EXPECT_THAT(refused(), HasSubstr("task_group.tasks"));
  *group.add_tasks() = command_task("t1", "a1");
  EXPECT_EQ(refused(), "accepted");
  group.mutable_tasks(0)->set_data(std::string(1'900'000, 'x'));
  *group.add_tasks() = group.tasks(0);
  EXPECT_THAT(refused(), HasSubstr("task_group and executor"));
  group.mutable_tasks()->RemoveLast();
  group.mutable_tasks(0)->mutable_executor()->mutable_executor_id()->set_value(
    "e2");
  EXPECT_THAT(refused(), HasSubstr("task t1: executor"));
}

} // namespace

} // namespace agora::test
