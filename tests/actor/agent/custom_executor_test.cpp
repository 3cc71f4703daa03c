// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/actor/agent/custom_executor_fixture.hpp"

#include <map>

namespace agora {
namespace {

using namespace std::chrono_literals;
using states = std::vector<v1::TaskState>;

class CustomExecutorTest : public test::custom_executor_fixture {};

TEST_F(CustomExecutorTest, OneProcessRunsManyTasks) {
  start();
  attach();
  run_on_executor("t1");
  run_on_executor("t2");
  ASSERT_EQ(launcher_->launches.size(), 1u);
  std::map<std::string, std::string> environment(
    launcher_->launches[0].environment.begin(),
    launcher_->launches[0].environment.end());
  EXPECT_EQ(environment["AGORA_AGENT"], "127.0.0.1:7051");
  EXPECT_EQ(environment["AGORA_EXECUTOR_ID"], "e1");
  EXPECT_EQ(environment["MESOS_FRAMEWORK_ID"], "f1");
  EXPECT_EQ(environment["MESOS_SANDBOX"],
            launcher_->launches[0].sandbox.string());
  launcher_->start(key());
  subscribe();
  EXPECT_EQ(heard_types(),
            (std::vector{Event::SUBSCRIBED, Event::LAUNCH, Event::LAUNCH}));
  run_on_executor("t3");
  EXPECT_EQ(heard_types(), std::vector{Event::LAUNCH});
}

TEST_F(CustomExecutorTest, UpdateIsAcknowledgedOnceItIsOnDisk) {
  start();
  attach();
  run_on_executor("t1");
  launcher_->start(key());
  subscribe();
  heard();
  session::ExecutorToAgent body;
  *body.add_calls() = update("t1", v1::TASK_RUNNING, "u1");
  tell(agent_, executor_number_, std::move(body));
  settle();
  EXPECT_TRUE(heard().empty());
  run();
  auto events = heard();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].acknowledged().uuid(), "u1");
  // A repeated one is acknowledged, but is no news to the framework.
  EXPECT_EQ(take_statuses().size(), 1u);
  say(update("t1", v1::TASK_RUNNING, "u1"));
  EXPECT_EQ(heard_types(), std::vector{Event::ACKNOWLEDGED});
  EXPECT_TRUE(take_statuses().empty());
}

TEST_F(CustomExecutorTest, ExecutorThatDoesNotRegisterIsKilled) {
  start();
  attach();
  run_on_executor("t1");
  launcher_->start(key());
  run();
  advance(59s);
  EXPECT_TRUE(launcher_->signals.empty());
  advance(1s);
  ASSERT_EQ(launcher_->signals.size(), 1u);
  EXPECT_EQ(launcher_->signals[0].mode, kill_mode::kill);
  launcher_->exit(key(), exit_status::make_signaled(9));
  auto statuses = take_statuses();
  ASSERT_EQ(states_of(statuses), states{v1::TASK_FAILED});
  EXPECT_EQ(statuses[0].reason(),
            v1::TaskStatus::REASON_EXECUTOR_REGISTRATION_TIMEOUT);
}

TEST_F(CustomExecutorTest, TasksEndWithTheirExecutor) {
  start();
  attach();
  run_on_executor("t1");
  launcher_->start(key());
  subscribe();
  say(update("t1", v1::TASK_RUNNING, "u1"));
  take_statuses();
  sent();
  launcher_->exit(key(), exit_status::make_exited(3));
  run();
  EXPECT_TRUE(sent().empty()) << "its last words may be on the way";
  tell(agent_, session_down{executor_number_, {}});
  run();
  auto ended = false;
  std::vector<v1::TaskStatus> statuses;
  for (auto& message : sent()) {
    if (message.has_executor_ended()) {
      ended = true;
      EXPECT_EQ(message.executor_ended().status(), 3 * 256);
    }
    for (auto& entry : message.statuses().entries())
      statuses.push_back(entry.status());
  }
  EXPECT_TRUE(ended);
  ASSERT_EQ(states_of(statuses), states{v1::TASK_FAILED});
  EXPECT_EQ(statuses[0].reason(), v1::TaskStatus::REASON_EXECUTOR_TERMINATED);
  from_master(acknowledge(statuses[0]));
  run();
  EXPECT_EQ(stored(), 1u) << "only the identity is left";
}

TEST_F(CustomExecutorTest, ExecutorsEndLeavesAfterWhatWasConfirmed) {
  start();
  attach();
  run_on_executor("t1");
  launcher_->start(key());
  subscribe();
  say(update("t1", v1::TASK_RUNNING, "u1"));
  take_statuses();
  sent();
  // The next task of it is on the way to the disk when it ends.
  from_master(run_tasks({executor_task("t2")}));
  launcher_->exit(key(), exit_status::make_exited(0));
  settle();
  tell(agent_, session_down{executor_number_, {}});
  settle();
  EXPECT_TRUE(sent().empty());
  run();
  auto confirmed = 0;
  auto ended = 0;
  auto at = 0;
  std::map<std::string, v1::TaskState> reported;
  for (auto& message : sent()) {
    ++at;
    if (message.has_tasks_confirmed())
      confirmed = at;
    if (message.has_executor_ended())
      ended = at;
    for (auto& entry : message.statuses().entries())
      reported[entry.status().task_id().value()] = entry.status().state();
  }
  EXPECT_GT(confirmed, 0);
  EXPECT_GT(ended, confirmed);
  EXPECT_EQ(reported["t1"], v1::TASK_FAILED);
  EXPECT_EQ(reported["t2"], v1::TASK_LOST);
}

TEST_F(CustomExecutorTest, TaskOfAnEndedExecutorDoesNotGoToTheNextOne) {
  start();
  attach();
  run_on_executor("t1");
  launcher_->start(key());
  subscribe();
  from_master(run_tasks({executor_task("t2")}));
  launcher_->exit(key(), exit_status::make_exited(0));
  settle();
  tell(agent_, session_down{executor_number_, {}});
  settle();
  from_master(run_tasks({executor_task("t3")}));
  run();
  ASSERT_EQ(launcher_->launches.size(), 2u);
  launcher_->start(key());
  subscribe();
  auto events = heard();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1].launch().task().task_id().value(), "t3");
}

// The log counts what an executor uses from the launch on.
TEST_F(CustomExecutorTest, ExecutorThatIsNotStartedAtAllIsReportedAsEnded) {
  start();
  attach();
  sent();
  from_master(run_tasks({executor_task("t1")}));
  from_master(kill("t1"));
  run();
  EXPECT_TRUE(launcher_->launches.empty());
  auto invalid = executor_task("t2");
  invalid.mutable_executor()->mutable_executor_id()->set_value("e2");
  invalid.mutable_executor()->clear_command();
  from_master(run_tasks({invalid}));
  run();
  std::vector<std::string> told;
  for (auto& message : sent()) {
    for (auto& id : message.tasks_confirmed().task_ids())
      told.push_back("confirmed " + id.value());
    if (message.has_executor_ended())
      told.push_back("ended " + message.executor_ended().executor_id().value());
  }
  EXPECT_EQ(told, (std::vector<std::string>{"confirmed t1", "ended e1",
                                            "confirmed t2", "ended e2"}));
}

TEST_F(CustomExecutorTest, StatesUnderOneUuidAreUpdatesOfTheirOwn) {
  start();
  attach();
  run_on_executor("t1");
  launcher_->start(key());
  subscribe();
  heard();
  say(update("t1", v1::TASK_RUNNING, "u"));
  say(update("t1", v1::TASK_FINISHED, "u"));
  say(update("t1", v1::TASK_FINISHED, "u"));
  // The executor hears of them under the name that it gave them.
  auto events = heard();
  EXPECT_EQ(events.size(), 3u);
  for (auto& event : events)
    EXPECT_EQ(event.acknowledged().uuid(), "u");
  auto statuses = take_statuses();
  ASSERT_EQ(states_of(statuses), (states{v1::TASK_RUNNING, v1::TASK_FINISHED}));
  EXPECT_NE(statuses[0].uuid(), statuses[1].uuid());
  auto news = ask<agent_status>(agent_, get_agent_status{});
  ASSERT_TRUE(news);
  EXPECT_EQ(news->tasks, 0u) << "its end is settled";
}

TEST_F(CustomExecutorTest, OneUuidForAllIsToldApartAfterARestartToo) {
  start();
  attach();
  run_on_executor("t1");
  auto old = key();
  launcher_->start(old);
  subscribe();
  say(update("t1", v1::TASK_RUNNING, "u"));
  take_statuses();
  crash();
  start();
  attach();
  launcher_->start(old);
  subscribe();
  say(update("t1", v1::TASK_FINISHED, "u"));
  EXPECT_EQ(states_of(take_statuses()), states{v1::TASK_FINISHED});
}

TEST_F(CustomExecutorTest, ShutdownOutlivesTheAgent) {
  start();
  attach();
  run_on_executor("t1");
  auto old = key();
  launcher_->start(old);
  subscribe();
  say(update("t1", v1::TASK_RUNNING, "u1"));
  take_statuses();
  session::MasterMessage message;
  auto down = message.mutable_shutdown_executor();
  down->mutable_framework_id()->set_value("f1");
  down->mutable_executor_id()->set_value("e1");
  from_master(message);
  run();
  advance(2s);
  crash();
  advance(1s);
  start();
  attach();
  launcher_->start(old);
  auto again = call(Call::SUBSCRIBE);
  *again.mutable_subscribe()->add_unacknowledged_updates()
    = update("t1", v1::TASK_FINISHED, "u2").update();
  subscribe(again);
  EXPECT_EQ(heard_types(), (std::vector{Event::SUBSCRIBED, Event::SHUTDOWN,
                                        Event::ACKNOWLEDGED}));
  EXPECT_EQ(states_of(take_statuses()), states{v1::TASK_FINISHED});
  advance(1'990ms);
  EXPECT_TRUE(launcher_->signals.empty());
  advance(20ms);
  ASSERT_EQ(launcher_->signals.size(), 1u);
  EXPECT_EQ(launcher_->signals[0].mode, kill_mode::kill);
}

TEST_F(CustomExecutorTest, ExecutorComesBackAfterTheAgentsRestart) {
  start();
  attach();
  run_on_executor("t1");
  run_on_executor("t2");
  auto old = key();
  launcher_->start(old);
  subscribe();
  say(update("t1", v1::TASK_RUNNING, "u1"));
  take_statuses();
  crash();
  start();
  attach();
  ASSERT_EQ(launcher_->reattachments.size(), 1u);
  launcher_->start(old);
  auto again = call(Call::SUBSCRIBE);
  auto claim = again.mutable_subscribe();
  *claim->add_unacknowledged_updates()
    = update("t1", v1::TASK_FINISHED, "u2").update();
  subscribe(again);
  // t2 is sent again: the executor says that it never got it.
  EXPECT_EQ(heard_types(), (std::vector{Event::SUBSCRIBED, Event::LAUNCH,
                                        Event::ACKNOWLEDGED}));
  EXPECT_EQ(states_of(take_statuses()), states{v1::TASK_FINISHED});
  advance(1h);
  EXPECT_TRUE(launcher_->signals.empty());
}

TEST_F(CustomExecutorTest, ExecutorThatDoesNotComeBackIsKilled) {
  start();
  attach();
  run_on_executor("t1");
  auto old = key();
  launcher_->start(old);
  subscribe();
  crash();
  start();
  attach();
  launcher_->start(old);
  advance(10s);
  ASSERT_EQ(launcher_->signals.size(), 1u);
  launcher_->exit(old, exit_status::make_signaled(9));
  auto statuses = take_statuses();
  ASSERT_EQ(states_of(statuses), states{v1::TASK_FAILED});
  EXPECT_EQ(statuses[0].reason(),
            v1::TaskStatus::REASON_EXECUTOR_REREGISTRATION_TIMEOUT);
}

TEST_F(CustomExecutorTest, ShutdownIsAskedForAndThenForced) {
  start();
  attach();
  run_on_executor("t1");
  launcher_->start(key());
  subscribe();
  heard();
  session::MasterMessage message;
  message.mutable_shutdown_framework()->mutable_framework_id()->set_value("f1");
  from_master(message);
  run();
  EXPECT_EQ(heard_types(), std::vector{Event::SHUTDOWN});
  advance(5s);
  ASSERT_EQ(launcher_->signals.size(), 1u);
  EXPECT_EQ(launcher_->signals[0].mode, kill_mode::kill);
}

TEST_F(CustomExecutorTest, MessagesGoBothWays) {
  start();
  attach();
  run_on_executor("t1");
  launcher_->start(key());
  subscribe();
  heard();
  sent();
  auto up = call(Call::MESSAGE);
  up.mutable_message()->set_data("to the framework");
  say(up);
  auto messages = sent();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].framework_message().data(), "to the framework");
  session::MasterMessage down;
  *down.mutable_framework_message() = messages[0].framework_message();
  from_master(down);
  EXPECT_EQ(heard_types(), std::vector{Event::MESSAGE});
}

TEST_F(CustomExecutorTest, StrangersAreTurnedAway) {
  start();
  attach();
  subscribe();
  EXPECT_TRUE(*executor_.closed);
  subscribe(update("t1", v1::TASK_RUNNING, "u"));
  EXPECT_TRUE(*executor_.closed);
}

TEST_F(CustomExecutorTest, KillReachesATaskThatTheExecutorNeverGot) {
  start();
  attach();
  run_on_executor("t1");
  auto old = key();
  launcher_->start(old);
  subscribe();
  from_master(kill("t1"));
  run();
  crash();
  start();
  attach();
  launcher_->start(old);
  subscribe();
  // No LAUNCH, but its end, which is none of the executor's saying.
  EXPECT_EQ(heard_types(),
            (std::vector{Event::SUBSCRIBED, Event::ACKNOWLEDGED}));
  EXPECT_EQ(states_of(take_statuses()), states{v1::TASK_KILLED});
}

} // namespace
} // namespace agora
