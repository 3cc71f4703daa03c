// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/executor/command_task_machine.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <vector>

namespace agora {
namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

v1::TaskInfo task(const std::string& id) {
  v1::TaskInfo made;
  made.mutable_task_id()->set_value(id);
  made.mutable_command()->set_value("run " + id);
  return made;
}

class CommandTaskMachineTest : public ::testing::Test {
protected:
  CommandTaskMachineTest() {
    subscribe({});
  }

  void
  subscribe(std::vector<v1::FrameworkInfo::Capability::Type> capabilities) {
    v1::executor::Event::Subscribed event;
    event.mutable_framework_info()->set_user("bob");
    for (auto what : capabilities)
      event.mutable_framework_info()->add_capabilities()->set_type(what);
    event.mutable_executor_info()->mutable_framework_id()->set_value("f");
    machine_.subscribed(event);
  }

  void place(const std::string& id, bool reattach = false,
             v1::TaskState reported = v1::TASK_STAGING, uint64_t group = 0,
             std::chrono::nanoseconds ran_for = {}) {
    machine_.place({task_id{id}, container_id{"c-" + id}, "/sandbox/" + id,
                    reattach, reported, group, ran_for});
  }

  void place_in_group(const std::string& id, uint64_t group) {
    place(id, false, v1::TASK_STAGING, group);
  }

  void launch(const std::string& id) {
    place(id);
    machine_.launch(task(id));
  }

  void started(const std::string& id) {
    machine_.container_changed(
      container_started{container_id{"c-" + id}, false}, now_);
  }

  void exited(const std::string& id, exit_status how) {
    machine_.container_changed(container_exited{container_id{"c-" + id}, how},
                               now_);
  }

  void failed(const std::string& id, bool cancelled, bool never_started) {
    machine_.container_changed(
      container_failed{container_id{"c-" + id}, "no", cancelled, never_started},
      now_);
  }

  /// "t:TASK_RUNNING", "start c-t", "reattach c-t", "term c-t", "kill c-t".
  strings outputs() {
    strings texts;
    for (auto& output : machine_.take_outputs()) {
      if (auto news = std::get_if<v1::TaskStatus>(&output)) {
        texts.push_back(news->task_id().value() + ":"
                        + v1::TaskState_Name(news->state()));
        last_ = *news;
      } else if (auto start = std::get_if<container_start>(&output)) {
        texts.push_back("start " + start->container.text());
        last_start_ = *start;
      } else if (auto reattach = std::get_if<container_reattach>(&output)) {
        texts.push_back("reattach " + reattach->container.text());
      } else {
        auto& signal = std::get<container_signal>(output);
        texts.push_back((signal.mode == kill_mode::kill ? "kill " : "term ")
                        + signal.container.text());
      }
    }
    return texts;
  }

  command_task_machine machine_;
  command_task_machine::time_point now_{};
  v1::TaskStatus last_;
  container_start last_start_;
};

TEST_F(CommandTaskMachineTest, StartingThenRunningThenFinished) {
  launch("t");
  EXPECT_EQ(outputs(), (strings{"t:TASK_STARTING", "start c-t"}));
  EXPECT_EQ(last_start_.user, "bob");
  EXPECT_EQ(last_start_.command.value(), "run t");
  started("t");
  EXPECT_EQ(outputs(), strings{"t:TASK_RUNNING"});
  exited("t", exit_status::make_exited(0));
  EXPECT_EQ(outputs(), strings{"t:TASK_FINISHED"});
  EXPECT_EQ(machine_.size(), 0u);
}

TEST_F(CommandTaskMachineTest, CommandsOwnUserWins) {
  place("t");
  auto info = task("t");
  info.mutable_command()->set_user("alice");
  machine_.launch(info);
  outputs();
  EXPECT_EQ(last_start_.user, "alice");
}

TEST_F(CommandTaskMachineTest, FailureSaysHow) {
  launch("t");
  started("t");
  exited("t", exit_status::make_signaled(SIGKILL));
  outputs();
  EXPECT_EQ(last_.state(), v1::TASK_FAILED);
  EXPECT_EQ(last_.reason(), v1::TaskStatus::REASON_COMMAND_EXECUTOR_FAILED);
  EXPECT_EQ(last_.message(), "command terminated by signal 9 (Killed)");
}

TEST_F(CommandTaskMachineTest, LaunchFailureIsTheAgents) {
  launch("t");
  failed("t", false, false);
  outputs();
  EXPECT_EQ(last_.state(), v1::TASK_FAILED);
  EXPECT_EQ(last_.source(), v1::TaskStatus::SOURCE_AGENT);
  EXPECT_EQ(last_.reason(), v1::TaskStatus::REASON_CONTAINER_LAUNCH_FAILED);
}

TEST_F(CommandTaskMachineTest, KillWaitsForTheGracePeriod) {
  launch("t");
  started("t");
  outputs();
  machine_.kill(task_id{"t"}, 10s, now_);
  EXPECT_EQ(outputs(), strings{"term c-t"});
  EXPECT_EQ(machine_.next_deadline(), now_ + 10s);
  machine_.due(now_ + 9s);
  EXPECT_EQ(outputs(), strings{});
  machine_.due(now_ + 10s);
  EXPECT_EQ(outputs(), strings{"kill c-t"});
  // However it ended: it was killed.
  exited("t", exit_status::make_exited(0));
  EXPECT_EQ(outputs(), strings{"t:TASK_KILLED"});
}

TEST_F(CommandTaskMachineTest, SecondKillMayShortenButNotProlong) {
  launch("t");
  machine_.kill(task_id{"t"}, 10s, now_);
  machine_.kill(task_id{"t"}, 60s, now_);
  EXPECT_EQ(machine_.next_deadline(), now_ + 10s);
  machine_.kill(task_id{"t"}, 1s, now_);
  EXPECT_EQ(machine_.next_deadline(), now_ + 1s);
}

TEST_F(CommandTaskMachineTest, NoGraceMeansSigkillAtOnce) {
  launch("t");
  outputs();
  machine_.kill(task_id{"t"}, 0s, now_);
  EXPECT_EQ(outputs(), strings{"kill c-t"});
}

TEST_F(CommandTaskMachineTest, KillingIsToldToThoseWhoKnowTheState) {
  subscribe({v1::FrameworkInfo::Capability::TASK_KILLING_STATE});
  launch("t");
  started("t");
  outputs();
  machine_.kill(task_id{"t"}, 10s, now_);
  machine_.kill(task_id{"t"}, 10s, now_);
  EXPECT_EQ(outputs(), (strings{"t:TASK_KILLING", "term c-t"}));
}

TEST_F(CommandTaskMachineTest, KillDuringTheLaunchIsAKill) {
  launch("t");
  machine_.kill(task_id{"t"}, 10s, now_);
  failed("t", true, false);
  outputs();
  EXPECT_EQ(last_.state(), v1::TASK_KILLED);
  EXPECT_EQ(last_.reason(), v1::TaskStatus::REASON_TASK_KILLED_DURING_LAUNCH);
}

TEST_F(CommandTaskMachineTest, CompletionTimeEndsTheTaskAsAFailure) {
  place("t");
  auto info = task("t");
  info.mutable_max_completion_time()->set_nanoseconds(
    std::chrono::nanoseconds{3s}.count());
  machine_.launch(info);
  started("t");
  outputs();
  machine_.due(now_ + 3s);
  EXPECT_EQ(outputs(), strings{"kill c-t"});
  exited("t", exit_status::make_signaled(SIGKILL));
  outputs();
  EXPECT_EQ(last_.state(), v1::TASK_FAILED);
  EXPECT_EQ(last_.reason(), v1::TaskStatus::REASON_MAX_COMPLETION_TIME_REACHED);
}

TEST_F(CommandTaskMachineTest, ReattachedTaskReportsOnlyWhatIsNew) {
  place("t", true, v1::TASK_RUNNING);
  machine_.launch(task("t"));
  EXPECT_EQ(outputs(), strings{"reattach c-t"});
  started("t");
  EXPECT_EQ(outputs(), strings{});
  exited("t", exit_status::make_exited(0));
  EXPECT_EQ(outputs(), strings{"t:TASK_FINISHED"});
}

TEST_F(CommandTaskMachineTest, TaskThatWasNeverStartedGoesBackToTheAgent) {
  place("t", true);
  machine_.launch(task("t"));
  failed("t", false, true);
  outputs();
  EXPECT_EQ(last_.state(), v1::TASK_STAGING);
  EXPECT_EQ(machine_.size(), 0u);
  launch("t");
  EXPECT_EQ(outputs(), (strings{"t:TASK_STARTING", "start c-t"}));
}

TEST_F(CommandTaskMachineTest, GroupIsKilledWhenOneFails) {
  place_in_group("a", 1);
  place_in_group("b", 1);
  launch("loner");
  v1::TaskGroupInfo group;
  *group.add_tasks() = task("a");
  *group.add_tasks() = task("b");
  machine_.launch_group(group);
  started("a");
  started("b");
  outputs();
  exited("a", exit_status::make_exited(1));
  EXPECT_EQ(outputs(), (strings{"a:TASK_FAILED", "term c-b"}));
  exited("b", exit_status::make_signaled(SIGTERM));
  EXPECT_EQ(outputs(), strings{"b:TASK_KILLED"});
  EXPECT_EQ(machine_.size(), 1u);
}

TEST_F(CommandTaskMachineTest, GroupGoesOnWhenOneFinishes) {
  place_in_group("a", 1);
  place_in_group("b", 1);
  v1::TaskGroupInfo group;
  *group.add_tasks() = task("a");
  *group.add_tasks() = task("b");
  machine_.launch_group(group);
  outputs();
  exited("a", exit_status::make_exited(0));
  EXPECT_EQ(outputs(), strings{"a:TASK_FINISHED"});
}

TEST_F(CommandTaskMachineTest, GroupIsTheAgentsNumberNotTheLaunch) {
  place_in_group("a", 7);
  machine_.launch(task("a"));
  place_in_group("b", 7);
  machine_.launch(task("b"));
  place_in_group("c", 8);
  machine_.launch(task("c"));
  outputs();
  exited("b", exit_status::make_exited(1));
  EXPECT_EQ(outputs(), (strings{"b:TASK_FAILED", "term c-a"}));
}

TEST_F(CommandTaskMachineTest, CompletionTimeCountsFromTheFirstStart) {
  place("t", true, v1::TASK_RUNNING, 0, 2s);
  auto info = task("t");
  info.mutable_max_completion_time()->set_nanoseconds(
    std::chrono::nanoseconds{3s}.count());
  machine_.launch(info);
  started("t");
  EXPECT_EQ(machine_.next_deadline(), now_ + 1s);
}

TEST_F(CommandTaskMachineTest, CompletionTimeThatIsLongOverIsOverNow) {
  place("t", true, v1::TASK_RUNNING, 0, 2h);
  auto info = task("t");
  info.mutable_max_completion_time()->set_nanoseconds(
    std::chrono::nanoseconds{3s}.count());
  machine_.launch(info);
  started("t");
  EXPECT_EQ(machine_.next_deadline(), now_);
}

} // namespace
} // namespace agora
