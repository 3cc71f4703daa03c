// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/launch_id.hpp"
#include "runtime/validation/task_states.hpp"
#include "tests/actor/agent/agent_fixture.hpp"

#include <algorithm>

namespace agora {
namespace {

using namespace std::chrono_literals;
using states = std::vector<v1::TaskState>;

constexpr launch_id first{1, 10};
constexpr launch_id second{1, 20};
constexpr launch_id third{1, 30};

class LaunchIdsTest : public test::agent_fixture {
protected:
  static session::MasterMessage launch(const std::string& task,
                                       const launch_id& id,
                                       const std::string& command = "true") {
    auto message = run_tasks({command_task(task, command)});
    set_wire(
      message.mutable_run_tasks()->mutable_launches(0)->mutable_launch_id(),
      id);
    return message;
  }

  static session::MasterMessage launch_group(const std::vector<std::string>& of,
                                             const launch_id& id) {
    auto message = run_group(of);
    set_wire(
      message.mutable_run_tasks()->mutable_launches(0)->mutable_launch_id(),
      id);
    return message;
  }

  /// Starts an agent with t1 running as the first launch; all its statuses are
  /// acknowledged.
  void run_first(const std::string& command = "first") {
    start();
    attach();
    from_master(launch("t1", first, command));
    run();
    launcher_->start(key());
    take_statuses();
    sent();
  }

  /// What was confirmed and reported since the last call.
  struct heard {
    std::vector<std::string> confirmed;
    std::vector<session::TaskStatusEntry> entries;
  };

  heard hear() {
    run();
    heard all;
    for (auto& message : sent()) {
      for (auto& id : message.tasks_confirmed().task_ids())
        all.confirmed.push_back(id.value());
      for (auto& entry : message.statuses().entries())
        all.entries.push_back(entry);
    }
    return all;
  }

  session::AttachAgent attach_again() {
    tell(agent_, session_down{number_, {}});
    settle();
    open_master();
    auto messages = sent();
    return messages.empty() ? session::AttachAgent{}
                            : messages.front().attach();
  }

  using names = std::vector<std::string>;
};

TEST_F(LaunchIdsTest, AgentSaysOfWhichLaunchItSpeaksAlsoAfterARestart) {
  start();
  attach();
  from_master(launch("t1", first));
  auto news = hear();
  ASSERT_EQ(news.entries.size(), 1u);
  EXPECT_EQ(launch_id_of(news.entries[0].launch_id()), first);
  crash();
  start();
  run();
  open_master();
  auto held = sent().at(0).attach();
  ASSERT_EQ(held.tasks_size(), 1);
  EXPECT_EQ(launch_id_of(held.tasks(0).launch_id()), first);
  attach();
  news = hear();
  ASSERT_EQ(news.entries.size(), 1u);
  EXPECT_EQ(launch_id_of(news.entries[0].launch_id()), first);
}

TEST_F(LaunchIdsTest, AdoptedOrphanSaysItsLaunchToo) {
  start();
  attach();
  from_master(launch("t1", first));
  run();
  crash();
  start();
  attach({task_ref("t1")});
  sent();
  session::MasterMessage adopt;
  *adopt.mutable_adopt_task()->mutable_framework_id()
    = task_ref("t1").framework_id();
  *adopt.mutable_adopt_task()->mutable_task_id() = task_ref("t1").task_id();
  from_master(adopt);
  auto news = hear();
  ASSERT_EQ(news.entries.size(), 1u);
  EXPECT_EQ(launch_id_of(news.entries[0].launch_id()), first);
}

TEST_F(LaunchIdsTest, SameLaunchIsConfirmedAgainAndNotRunTwice) {
  run_first();
  from_master(launch("t1", first));
  EXPECT_EQ(hear().confirmed, names{"t1"});
  // One side does not say: nothing speaks for another task.
  from_master(run_tasks({command_task("t1")}));
  EXPECT_EQ(hear().confirmed, names{"t1"});
  EXPECT_EQ(launcher_->launches.size(), 1u);
  EXPECT_TRUE(launcher_->signals.empty());
}

TEST_F(LaunchIdsTest, EndedTaskMakesWayForAnotherLaunch) {
  run_first();
  launcher_->exit(key(), exit_status::make_exited(0));
  EXPECT_EQ(hear().entries.size(), 1u) << "FINISHED, not acknowledged";
  from_master(launch("t1", second, "second"));
  EXPECT_TRUE(sent().empty()) << "it is not taken yet";
  auto news = hear();
  EXPECT_EQ(news.confirmed, names{"t1"});
  ASSERT_EQ(news.entries.size(), 1u);
  EXPECT_EQ(news.entries[0].status().state(), v1::TASK_STARTING);
  EXPECT_EQ(launch_id_of(news.entries[0].launch_id()), second);
  ASSERT_EQ(launcher_->launches.size(), 2u);
  EXPECT_EQ(launcher_->launches[1].command, "second");
  advance(1h);
  for (auto& entry : hear().entries)
    EXPECT_EQ(launch_id_of(entry.launch_id()), second);
}

TEST_F(LaunchIdsTest, EndThatIsNotOnDiskYetMakesWayOnceItIs) {
  run_first();
  launcher_->exit(key(), exit_status::make_exited(0));
  settle();
  from_master(launch("t1", second, "second"));
  auto news = hear();
  EXPECT_EQ(news.confirmed, names{"t1"});
  ASSERT_EQ(launcher_->launches.size(), 2u);
}

TEST_F(LaunchIdsTest, RunningTaskIsKilledForAnotherLaunch) {
  run_first();
  auto old = key();
  from_master(launch("t1", second, "second"));
  auto news = hear();
  EXPECT_TRUE(news.confirmed.empty());
  ASSERT_EQ(launcher_->signals.size(), 1u);
  EXPECT_EQ(launcher_->signals[0].key, old);
  // The same again, by another attachment, does not kill anew.
  from_master(launch("t1", second, "second"));
  run();
  EXPECT_EQ(launcher_->signals.size(), 1u);
  EXPECT_EQ(launcher_->launches.size(), 1u);
  launcher_->exit(old, exit_status::make_signaled(15));
  news = hear();
  EXPECT_EQ(news.confirmed, names{"t1"});
  for (auto& entry : news.entries)
    EXPECT_EQ(launch_id_of(entry.launch_id()),
              is_terminal(entry.status().state()) ? first : second);
  ASSERT_EQ(launcher_->launches.size(), 2u);
  launcher_->start(key());
  launcher_->exit(key(), exit_status::make_exited(0));
  from_master(acknowledge(news.entries.back().status()));
  EXPECT_EQ(states_of(take_statuses()),
            (states{v1::TASK_RUNNING, v1::TASK_FINISHED}));
  EXPECT_EQ(stored(), 1u) << "only the identity is left";
}

TEST_F(LaunchIdsTest, EndOfTheOldOneMayBeAcknowledgedByTheMaster) {
  run_first();
  from_master(launch("t1", second, "second"));
  run();
  launcher_->exit(key(), exit_status::make_signaled(15));
  auto all = take_statuses();
  EXPECT_EQ(all.back().state(), v1::TASK_STARTING);
  EXPECT_EQ(launcher_->launches.size(), 2u);
}

TEST_F(LaunchIdsTest, GroupWaitsAsAWhole) {
  run_first();
  from_master(launch_group({"t1", "t2"}, second));
  auto news = hear();
  EXPECT_TRUE(news.confirmed.empty());
  EXPECT_EQ(launcher_->launches.size(), 1u);
  launcher_->exit(key(), exit_status::make_signaled(15));
  news = hear();
  std::sort(news.confirmed.begin(), news.confirmed.end());
  EXPECT_EQ(news.confirmed, (names{"t1", "t2"}));
  EXPECT_EQ(launcher_->launches.size(), 3u);
}

TEST_F(LaunchIdsTest, OnlyTasksThatWereTakenAreConfirmed) {
  start();
  attach();
  from_master(launch_group({"t1", "t2"}, first));
  run();
  sent();
  from_master(launch_group({"t1", "t2", "t3"}, first));
  auto news = hear();
  EXPECT_EQ(news.confirmed, (names{"t1", "t2"}));
}

TEST_F(LaunchIdsTest, KillOfALaunchThatWaitsKeepsItFromRunning) {
  run_first();
  auto old = key();
  from_master(launch("t1", second, "second"));
  from_master(kill("t1"));
  run();
  launcher_->exit(old, exit_status::make_signaled(15));
  auto news = hear();
  ASSERT_FALSE(news.entries.empty());
  EXPECT_EQ(news.entries.back().status().state(), v1::TASK_KILLED);
  EXPECT_EQ(launch_id_of(news.entries.back().launch_id()), second);
  EXPECT_EQ(launcher_->launches.size(), 1u);
}

TEST_F(LaunchIdsTest, NewestLaunchOfThoseThatWaitIsRun) {
  run_first();
  auto old = key();
  from_master(launch("t1", second, "second"));
  from_master(launch("t1", third, "third"));
  auto news = hear();
  ASSERT_EQ(news.entries.size(), 1u) << "the second one has its answer";
  EXPECT_EQ(launch_id_of(news.entries[0].launch_id()), second);
  EXPECT_EQ(news.entries[0].status().state(), v1::TASK_LOST);
  launcher_->exit(old, exit_status::make_signaled(15));
  EXPECT_EQ(hear().confirmed, names{"t1"});
  ASSERT_EQ(launcher_->launches.size(), 2u);
  EXPECT_EQ(launcher_->launches[1].command, "third");
}

TEST_F(LaunchIdsTest, TooManyThatWaitAreTurnedAwayWithAStatus) {
  auto with = options();
  with.limits.postponed_tasks = 1;
  start(with);
  attach();
  from_master(launch("t1", first));
  from_master(launch("t2", first));
  run();
  for (auto& spec : launcher_->launches)
    launcher_->start(spec.task_key);
  take_statuses();
  from_master(launch("t1", second));
  from_master(launch("t2", third));
  auto news = hear();
  EXPECT_TRUE(news.confirmed.empty());
  ASSERT_EQ(news.entries.size(), 1u);
  auto& status = news.entries[0].status();
  EXPECT_EQ(launch_id_of(news.entries[0].launch_id()), third);
  EXPECT_EQ(status.state(), v1::TASK_LOST);
  EXPECT_EQ(status.reason(), v1::TaskStatus::REASON_CONTAINER_LAUNCH_FAILED);
  EXPECT_NE(status.message().find("of at most 1"), std::string::npos);
  EXPECT_EQ(status.uuid().size(), 16u);
  // Nothing of it is held, or sent again.
  from_master(acknowledge(status));
  run();
  advance(1h);
  EXPECT_TRUE(hear().entries.empty());
}

TEST_F(LaunchIdsTest, OrphanIsNotEndedForAnotherLaunch) {
  run_first();
  auto old = key();
  crash();
  start();
  attach({task_ref("t1")});
  launcher_->start(old);
  sent();
  from_master(launch("t1", second));
  auto news = hear();
  EXPECT_TRUE(news.confirmed.empty());
  ASSERT_EQ(news.entries.size(), 1u);
  EXPECT_EQ(launch_id_of(news.entries[0].launch_id()), second);
  EXPECT_NE(news.entries[0].status().message().find("operator"),
            std::string::npos);
  EXPECT_TRUE(launcher_->signals.empty());
}

TEST_F(LaunchIdsTest, LaunchThatWaitsIsForgottenWithItsSession) {
  run_first();
  auto old = key();
  from_master(launch("t1", second, "second"));
  run();
  auto held = attach_again();
  ASSERT_EQ(held.tasks_size(), 1);
  EXPECT_EQ(launch_id_of(held.tasks(0).launch_id()), first);
  attach();
  launcher_->exit(old, exit_status::make_signaled(15));
  EXPECT_TRUE(hear().confirmed.empty());
  EXPECT_EQ(launcher_->launches.size(), 1u);
  from_master(launch("t1", second, "second"));
  EXPECT_EQ(hear().confirmed, names{"t1"});
  EXPECT_EQ(launcher_->launches.size(), 2u);
}

TEST_F(LaunchIdsTest, TaskThatMadeWayIsStillKilledAfterARestart) {
  run_first();
  auto old = key();
  from_master(launch("t1", second, "second"));
  run();
  crash();
  start();
  attach();
  launcher_->start(old);
  run();
  EXPECT_EQ(launcher_->signals.size(), 1u);
  from_master(launch("t1", second, "second"));
  run();
  launcher_->exit(old, exit_status::make_signaled(15));
  EXPECT_EQ(hear().confirmed, names{"t1"});
}

} // namespace
} // namespace agora
