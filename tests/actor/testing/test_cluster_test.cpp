// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/scheduler/scheduler_calls.hpp"
#include "actors/testing/test_cluster.hpp"

#include <caf/all.hpp>
#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace agora::simulation {

namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using v1::scheduler::Event;

/// What it heard, and what is left to launch.
struct launcher_state {
  std::vector<v1::TaskInfo> waiting;
  std::vector<std::string> heard;
  size_t subscriptions = 0;
};

using launcher_ptr = scheduler_actor::stateful_pointer<launcher_state>;

/// Launches each task once, as soon as something is offered.
scheduler_actor::behavior_type launcher(launcher_ptr self,
                                        framework_driver_actor driver,
                                        std::vector<v1::TaskInfo> tasks) {
  self->state.waiting = std::move(tasks);
  return {
    [self, driver](const Event& event) {
      auto& state = self->state;
      state.subscriptions += event.type() == Event::SUBSCRIBED ? 1 : 0;
      for (auto& offer : event.offers().offers()) {
        auto all = std::exchange(state.waiting, {});
        for (auto& task : all)
          *task.mutable_agent_id() = offer.agent_id();
        if (all.empty())
          self->send(driver, calls::decline(offer));
        else
          self->send(driver, calls::accept(offer, std::move(all)));
      }
      if (event.type() != Event::UPDATE)
        return;
      auto& status = event.update().status();
      state.heard.push_back(status.task_id().value() + ' '
                            + v1::TaskState_Name(status.state()));
    },
  };
}

v1::TaskInfo some_task(const std::string& id) {
  return calls::shell_task({}, id, "work", 1, 64);
}

framework_number add_launcher(test_cluster& cluster,
                              std::vector<v1::TaskInfo> tasks) {
  driver_options options;
  options.info.set_name("launcher");
  return cluster.add_framework(
    options,
    [tasks](caf::actor_system& system, const framework_driver_actor& driver) {
      return system.spawn(launcher, driver, tasks);
    });
}

auto reaches(const test_cluster& cluster, std::string task,
             v1::TaskState state) {
  return [&cluster, task = std::move(task), state] {
    auto view = cluster.task(task);
    return view && view->state == state;
  };
}

TEST(test_cluster, runs_tasks_for_a_second_without_a_script) {
  test_cluster cluster;
  auto mine = add_launcher(cluster, {some_task("t1")});
  ASSERT_TRUE(
    cluster.run_until(reaches(cluster, "t1", v1::TASK_RUNNING), 1min));
  EXPECT_TRUE(cluster.task("t1")->runs);
  auto began = cluster.passed();
  ASSERT_TRUE(
    cluster.run_until(reaches(cluster, "t1", v1::TASK_FINISHED), 1min));
  EXPECT_GT(cluster.passed() - began, 900ms);
  EXPECT_LT(cluster.passed() - began, 1100ms);
  EXPECT_FALSE(cluster.task("t1")->runs);
  cluster.run_for(1s);
  EXPECT_THAT(
    cluster.state_of<launcher_state>(mine)->heard,
    ElementsAre("t1 TASK_STARTING", "t1 TASK_RUNNING", "t1 TASK_FINISHED"));
}

TEST(test_cluster, does_what_the_script_says) {
  test_cluster cluster;
  cluster.script([](const launched_task& what) {
    EXPECT_EQ(what.process.command, "work");
    if (what.task.text() == "fails")
      return task_behavior::ends_after(5s, 3);
    if (what.task.text() == "missing")
      return task_behavior::is_missing();
    return task_behavior::hangs();
  });
  add_launcher(cluster,
               {some_task("fails"), some_task("missing"), some_task("hangs")});
  cluster.run_for(1h);
  EXPECT_EQ(cluster.task("fails")->state, v1::TASK_FAILED);
  EXPECT_THAT(cluster.task("fails")->status.message(), HasSubstr("status 3"));
  EXPECT_EQ(cluster.task("missing")->state, v1::TASK_FAILED);
  EXPECT_EQ(cluster.task("hangs")->state, v1::TASK_RUNNING);
  EXPECT_TRUE(cluster.end_task("hangs"));
  EXPECT_FALSE(cluster.end_task("hangs"));
  ASSERT_TRUE(
    cluster.run_until(reaches(cluster, "hangs", v1::TASK_FINISHED), 1min));
}

TEST(test_cluster, is_the_same_run_for_the_same_seed) {
  auto hash = [](uint64_t seed) {
    test_cluster_options options;
    options.seed = seed;
    test_cluster cluster{options};
    add_launcher(cluster, {some_task("t1"), some_task("t2")});
    cluster.run_for(1min);
    return cluster.hash();
  };
  EXPECT_EQ(hash(7), hash(7));
  EXPECT_NE(hash(7), hash(8));
}

TEST(test_cluster, has_frameworks_that_die_and_come_back) {
  test_cluster cluster;
  cluster.script([](const launched_task&) {
    return task_behavior::hangs();
  });
  auto mine = add_launcher(cluster, {some_task("t1")});
  ASSERT_TRUE(
    cluster.run_until(reaches(cluster, "t1", v1::TASK_RUNNING), 1min));
  auto id = cluster.id_of(mine);
  cluster.crash_framework(mine);
  EXPECT_FALSE(cluster.framework_runs(mine));
  EXPECT_EQ(cluster.state_of<launcher_state>(mine), nullptr);
  cluster.run_for(1h);
  EXPECT_TRUE(cluster.task("t1")->runs);
  cluster.restart_framework(mine);
  ASSERT_TRUE(cluster.run_until(
    [&] {
      auto* state = cluster.state_of<launcher_state>(mine);
      return state != nullptr && state->subscriptions == 1;
    },
    1min));
  EXPECT_EQ(cluster.id_of(mine), id);
}

TEST(test_cluster, has_nodes_that_die) {
  test_cluster_options options;
  options.agents = {"cpus:4;mem:512"};
  test_cluster cluster{options};
  cluster.script([](const launched_task&) {
    return task_behavior::hangs();
  });
  add_launcher(cluster, {some_task("t1")});
  ASSERT_TRUE(
    cluster.run_until(reaches(cluster, "t1", v1::TASK_RUNNING), 1min));
  cluster.crash_master();
  cluster.crash_agent(0);
  cluster.run_for(1min);
  EXPECT_EQ(cluster.attached_agents(), 0u);
  EXPECT_TRUE(cluster.task("t1")->runs);
  cluster.start_master();
  cluster.start_agent(0);
  ASSERT_TRUE(cluster.run_until(
    [&] {
      return cluster.attached_agents() == 1;
    },
    1min));
  EXPECT_EQ(cluster.task("t1")->state, v1::TASK_RUNNING);
  cluster.power_off_agent(0);
  EXPECT_FALSE(cluster.task("t1")->runs);
  cluster.run_for(1s);
  cluster.start_agent(0);
  ASSERT_TRUE(cluster.run_until(
    [&] {
      return cluster.task("t1")->ended;
    },
    1h));
}

TEST(test_cluster, says_what_there_is_when_a_condition_is_not_met) {
  test_cluster_options options;
  options.seed = 42;
  options.agents = {"cpus:1;mem:64"};
  test_cluster cluster{options};
  add_launcher(cluster, {some_task("t1")});
  ::testing::internal::CaptureStderr();
  EXPECT_FALSE(cluster.run_until(
    [] {
      return false;
    },
    1min));
  auto text = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(text, HasSubstr("AGORA_SEED=42"));
  EXPECT_THAT(text, HasSubstr("agent0 (cpus:1;mem:64) runs"));
  EXPECT_THAT(text, HasSubstr("task t1 on agent0: TASK_FINISHED"));
  EXPECT_THAT(text, HasSubstr("framework launcher"));
}

TEST(test_cluster, refuses_executors) {
  test_cluster cluster;
  auto task = some_task("t1");
  task.clear_command();
  auto& executor = *task.mutable_executor();
  executor.set_type(v1::ExecutorInfo::CUSTOM);
  executor.mutable_executor_id()->set_value("mine");
  executor.mutable_command()->set_value("executor");
  add_launcher(cluster, {task});
  ASSERT_TRUE(cluster.run_until(
    [&] {
      return cluster.task("t1") && cluster.task("t1")->ended;
    },
    1h));
  EXPECT_THAT(cluster.task("t1")->status.message(),
              HasSubstr("run no executors"));
}

TEST(test_cluster, does_not_begin_with_agents_that_make_no_sense) {
  test_cluster_options options;
  options.agents = {"cpus:many"};
  EXPECT_THROW(test_cluster{options}, std::runtime_error);
}

} // namespace

} // namespace agora::simulation
