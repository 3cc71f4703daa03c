// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/actor/agent/custom_executor_fixture.hpp"

#include <map>

// Custom executors whose agent process was started again.

namespace agora {
namespace {

using namespace std::chrono_literals;
using states = std::vector<v1::TaskState>;

class CustomExecutorRecoveryTest : public test::custom_executor_fixture {};

TEST_F(CustomExecutorRecoveryTest,
       ExecutorThatTheOldProcessHadNotStartedIsStarted) {
  start();
  attach();
  from_master(run_tasks({executor_task("t1")}));
  crash(1);
  start();
  attach();
  ASSERT_EQ(launcher_->reattachments.size(), 1u);
  auto old = launcher_->reattachments[0].first;
  launcher_->fail_start(old, "reattach", "it was never started");
  run();
  EXPECT_TRUE(sent_statuses().empty()) << "its task was promised";
  ASSERT_EQ(launcher_->launches.size(), 1u);
  EXPECT_NE(key(), old);
  launcher_->start(key());
  run();
  advance(59s);
  EXPECT_TRUE(launcher_->signals.empty()) << "it may take its time to register";
  subscribe();
  EXPECT_EQ(heard_types(), (std::vector{Event::SUBSCRIBED, Event::LAUNCH}));
  say(update("t1", v1::TASK_FINISHED, "u1"));
  EXPECT_EQ(states_of(take_statuses()), states{v1::TASK_FINISHED});
}

TEST_F(CustomExecutorRecoveryTest, ExecutorThatNobodyNeedsIsNotStartedAnew) {
  start();
  attach();
  from_master(run_tasks({executor_task("t1")}));
  from_master(kill("t1"));
  crash(2);
  start();
  attach();
  ASSERT_EQ(launcher_->reattachments.size(), 1u);
  launcher_->fail_start(launcher_->reattachments[0].first, "reattach",
                        "it was never started");
  EXPECT_EQ(states_of(take_statuses()), states{v1::TASK_KILLED});
  EXPECT_TRUE(launcher_->launches.empty());
  EXPECT_EQ(stored(), 1u) << "only the identity is left";
}

TEST_F(CustomExecutorRecoveryTest, TaskOnTheWayKeepsARecoveredGroupExecutor) {
  start();
  attach();
  from_master(run_group({"t1", "t2"}));
  run();
  auto first = launcher_->launches.at(0).task_key;
  auto second = launcher_->launches.at(1).task_key;
  launcher_->start(first);
  launcher_->start(second);
  take_statuses();
  launcher_->exit(first, exit_status::make_exited(0));
  launcher_->exit(second, exit_status::make_exited(0));
  take_statuses();
  sent();
  // The next group of the same executor is on disk, and with nobody else.
  from_master(run_group({"t3", "t4"}));
  crash(1);
  start();
  open_master();
  run();
  auto messages = sent();
  ASSERT_FALSE(messages.empty());
  EXPECT_EQ(messages[0].attach().tasks_size(), 2);
  EXPECT_EQ(messages[0].attach().executors_size(), 1);
  for (auto& message : messages)
    EXPECT_FALSE(message.has_executor_ended());
}

TEST_F(CustomExecutorRecoveryTest,
       ExecutorOfAnEndedTaskIsStillWatchedAfterARestart) {
  start();
  attach();
  run_on_executor("t1");
  auto old = key();
  launcher_->start(old);
  subscribe();
  say(update("t1", v1::TASK_FINISHED, "u1"));
  // Its end is stored and not acknowledged.
  crash();
  start();
  attach();
  launcher_->start(old);
  run();
  sent();
  launcher_->exit(old, exit_status::make_exited(0));
  run();
  auto messages = sent();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_TRUE(messages[0].has_executor_ended());
}

} // namespace
} // namespace agora
