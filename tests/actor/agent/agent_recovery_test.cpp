// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/actor/agent/agent_fixture.hpp"

#include <filesystem>
#include <fstream>

namespace agora {
namespace {

using namespace std::chrono_literals;
using states = std::vector<v1::TaskState>;

class AgentRecoveryTest : public test::agent_fixture {
protected:
  /// What the agent lists when it attaches.
  session::AttachAgent attach_message() {
    run();
    open_master();
    auto messages = sent();
    return messages.empty() ? session::AttachAgent{}
                            : messages.front().attach();
  }

  void run_one(const std::string& id) {
    start();
    attach();
    from_master(run_tasks({command_task(id)}));
    run();
    launcher_->start(key());
    run();
  }
};

TEST_F(AgentRecoveryTest, TaskThatWasNotOnDiskWasNotPromised) {
  start();
  attach();
  from_master(run_tasks({command_task("t1")}));
  crash();
  start();
  auto attach_again = attach_message();
  EXPECT_EQ(attach_again.incarnation(), 2u);
  EXPECT_EQ(attach_again.tasks_size(), 0);
  attach();
  from_master(run_tasks({command_task("t1")}));
  run();
  EXPECT_EQ(launcher_->launches.size(), 1u);
}

TEST_F(AgentRecoveryTest, TaskThatWasOnDiskIsHeldThoughNobodyWasTold) {
  start();
  attach();
  from_master(run_tasks({command_task("t1")}));
  crash(1);
  start();
  auto listed = attach_message();
  ASSERT_EQ(listed.tasks_size(), 1);
  EXPECT_EQ(listed.tasks(0).task_id().value(), "t1");
  EXPECT_EQ(listed.tasks(0).info().command().value(), "true");
  EXPECT_EQ(listed.agent_id().value(), "agent-1");
}

TEST_F(AgentRecoveryTest, TaskThatTheOldProcessHadNotStartedIsStartedOnce) {
  start();
  attach();
  from_master(run_tasks({command_task("t1")}));
  crash(1);
  start();
  attach();
  ASSERT_EQ(launcher_->reattachments.size(), 1u);
  auto old = launcher_->reattachments[0].first;
  launcher_->fail_start(old, "reattach", "it was never started");
  run();
  ASSERT_EQ(launcher_->launches.size(), 1u);
  EXPECT_NE(key(), old);
  launcher_->start(key());
  launcher_->exit(key(), exit_status::make_exited(0));
  EXPECT_EQ(states_of(take_statuses()),
            (states{v1::TASK_STARTING, v1::TASK_RUNNING, v1::TASK_FINISHED}));
}

TEST_F(AgentRecoveryTest, TaskThatIsStartedAnewIsHeldAllTheTime) {
  start();
  attach();
  from_master(run_tasks({command_task("t1")}));
  crash(1);
  start();
  attach();
  launcher_->fail_start(launcher_->reattachments.at(0).first, "reattach",
                        "it was never started");
  settle();
  EXPECT_GT(disk_.queued(), 0u) << "its new checkpoint is on the way";
  tell(agent_, session_down{number_, {}});
  settle();
  open_master();
  auto messages = sent();
  ASSERT_FALSE(messages.empty());
  EXPECT_EQ(messages[0].attach().tasks_size(), 1)
    << "the master would take it for dropped";
}

TEST_F(AgentRecoveryTest, RunningTaskIsTakenOverAndItsTrueExitReported) {
  run_one("t1");
  take_statuses();
  auto old = key();
  crash();
  start();
  attach();
  EXPECT_TRUE(launcher_->launches.empty());
  ASSERT_EQ(launcher_->reattachments.size(), 1u);
  EXPECT_EQ(launcher_->reattachments[0].first, old);
  launcher_->start(old);
  EXPECT_TRUE(take_statuses().empty()) << "RUNNING was reported before";
  launcher_->exit(old, exit_status::make_exited(7));
  auto statuses = take_statuses();
  ASSERT_EQ(states_of(statuses), states{v1::TASK_FAILED});
  EXPECT_EQ(statuses[0].message(), "command exited with status 7");
  EXPECT_EQ(stored(), 1u);
}

TEST_F(AgentRecoveryTest, UnacknowledgedStatusIsSentAgainAfterTheRestart) {
  run_one("t1");
  auto before = sent_statuses();
  ASSERT_EQ(states_of(before), states{v1::TASK_STARTING});
  crash();
  start();
  attach();
  auto again = sent_statuses();
  ASSERT_EQ(states_of(again), states{v1::TASK_STARTING});
  EXPECT_EQ(again[0].uuid(), before[0].uuid());
}

TEST_F(AgentRecoveryTest, EndedTaskIsNotStartedAgain) {
  run_one("t1");
  launcher_->exit(key(), exit_status::make_exited(0));
  run();
  crash();
  start();
  attach();
  EXPECT_TRUE(launcher_->reattachments.empty());
  EXPECT_TRUE(launcher_->launches.empty());
  EXPECT_EQ(states_of(take_statuses()),
            (states{v1::TASK_STARTING, v1::TASK_RUNNING, v1::TASK_FINISHED}));
  EXPECT_EQ(stored(), 1u);
}

TEST_F(AgentRecoveryTest, AfterARebootUnfinishedTasksFail) {
  run_one("t1");
  take_statuses();
  crash();
  start(options(), "boot2");
  attach();
  EXPECT_TRUE(launcher_->reattachments.empty());
  auto statuses = take_statuses();
  ASSERT_EQ(states_of(statuses), states{v1::TASK_FAILED});
  EXPECT_EQ(statuses[0].message(), "the machine was rebooted");
  EXPECT_EQ(statuses[0].reason(), v1::TaskStatus::REASON_AGENT_RESTARTED);
}

TEST_F(AgentRecoveryTest, KillGoesOnAfterTheRestart) {
  run_one("t1");
  take_statuses();
  auto old = key();
  from_master(kill("t1"));
  run();
  crash();
  start();
  attach();
  launcher_->start(old);
  run();
  EXPECT_FALSE(launcher_->signals.empty());
  advance(5s);
  EXPECT_EQ(launcher_->signals.back().mode, kill_mode::kill);
}

TEST_F(AgentRecoveryTest, ContainerWithoutACheckpointIsKilled) {
  std::filesystem::create_directories(work_.file("run"));
  std::ofstream(work_.file("run/stray.state")) << "x";
  start();
  run();
  ASSERT_EQ(launcher_->reattachments.size(), 1u);
  EXPECT_EQ(launcher_->reattachments[0].first, "stray");
  ASSERT_EQ(launcher_->signals.size(), 1u);
  EXPECT_EQ(launcher_->signals[0].mode, kill_mode::kill);
  launcher_->exit("stray", exit_status::make_signaled(9));
  run();
  EXPECT_EQ(launcher_->forgotten, std::vector<std::string>{"stray"});
}

TEST_F(AgentRecoveryTest, OrphanIsHeldUntilItIsAdopted) {
  run_one("t1");
  auto old = key();
  crash();
  start();
  attach({task_ref("t1")});
  EXPECT_TRUE(sent_statuses().empty());
  launcher_->start(old);
  launcher_->exit(old, exit_status::make_exited(0));
  run();
  advance(1h);
  EXPECT_TRUE(sent_statuses().empty());
  EXPECT_TRUE(launcher_->signals.empty());
  session::MasterMessage adopt;
  *adopt.mutable_adopt_task()->mutable_framework_id()
    = task_ref("t1").framework_id();
  *adopt.mutable_adopt_task()->mutable_task_id() = task_ref("t1").task_id();
  from_master(adopt);
  EXPECT_EQ(states_of(take_statuses()),
            (states{v1::TASK_STARTING, v1::TASK_RUNNING, v1::TASK_FINISHED}));
}

TEST_F(AgentRecoveryTest, MasterOfAnOldEpochIsNotObeyed) {
  start();
  term_ = 5;
  attach();
  sent();
  crash();
  start();
  run();
  term_ = 4;
  open_master();
  EXPECT_TRUE(sent().empty());
  advance(30s);
  EXPECT_TRUE(*master_.closed);
}

TEST_F(AgentRecoveryTest, MasterOfAnotherClusterIsRefusedAndTasksGoOn) {
  run_one("t1");
  tell(agent_, session_down{number_, {}});
  run();
  open_master();
  sent();
  session::MasterMessage message;
  auto attached = message.mutable_attached();
  attached->mutable_agent_id()->set_value("agent-1");
  attached->set_cluster_id("another");
  attached->mutable_epoch()->set_generation(1);
  attached->mutable_epoch()->set_term(9);
  from_master(message);
  from_master(kill("t1"));
  run();
  EXPECT_TRUE(launcher_->signals.empty());
  EXPECT_TRUE(sent_statuses().empty());
}

TEST_F(AgentRecoveryTest, CompletionTimeGoesOnAcrossTheRestart) {
  start();
  attach();
  auto task = command_task("t1");
  task.mutable_max_completion_time()->set_nanoseconds(
    std::chrono::nanoseconds{10s}.count());
  from_master(run_tasks({task}));
  run();
  auto old = key();
  launcher_->start(old);
  take_statuses();
  advance(4s);
  crash();
  advance(3s);
  start();
  attach();
  launcher_->start(old);
  run();
  advance(2'990ms);
  EXPECT_TRUE(launcher_->signals.empty());
  advance(20ms);
  ASSERT_EQ(launcher_->signals.size(), 1u);
  EXPECT_EQ(launcher_->signals[0].mode, kill_mode::kill);
  launcher_->exit(old, exit_status::make_signaled(9));
  auto statuses = take_statuses();
  ASSERT_EQ(states_of(statuses), states{v1::TASK_FAILED});
  EXPECT_EQ(statuses[0].reason(),
            v1::TaskStatus::REASON_MAX_COMPLETION_TIME_REACHED);
}

TEST_F(AgentRecoveryTest, CompletionTimeMayBeOverWhileTheAgentIsAway) {
  start();
  attach();
  auto task = command_task("t1");
  task.mutable_max_completion_time()->set_nanoseconds(
    std::chrono::nanoseconds{10s}.count());
  from_master(run_tasks({task}));
  run();
  auto old = key();
  launcher_->start(old);
  take_statuses();
  crash();
  advance(1h);
  start();
  attach();
  launcher_->start(old);
  run();
  advance(1ms);
  ASSERT_EQ(launcher_->signals.size(), 1u);
  EXPECT_EQ(launcher_->signals[0].mode, kill_mode::kill);
}

TEST_F(AgentRecoveryTest, GracePeriodGoesOnAcrossTheRestart) {
  run_one("t1");
  take_statuses();
  auto old = key();
  from_master(kill("t1"));
  run();
  advance(2s);
  crash();
  advance(1s);
  start();
  attach();
  launcher_->start(old);
  run();
  ASSERT_EQ(launcher_->signals.size(), 1u);
  EXPECT_EQ(launcher_->signals[0].mode, kill_mode::terminate);
  advance(1'990ms);
  EXPECT_EQ(launcher_->signals.size(), 1u);
  advance(20ms);
  ASSERT_EQ(launcher_->signals.size(), 2u);
  EXPECT_EQ(launcher_->signals[1].mode, kill_mode::kill);
}

TEST_F(AgentRecoveryTest, SiblingsOfAFailedTaskEndThoughTheAgentDied) {
  start();
  attach();
  from_master(run_group({"t1", "t2"}));
  run();
  auto first = launcher_->launches.at(0).task_key;
  auto second = launcher_->launches.at(1).task_key;
  launcher_->start(first);
  launcher_->start(second);
  take_statuses();
  launcher_->exit(first, exit_status::make_exited(1));
  // With its acknowledgement, all is gone that told of the failed one.
  EXPECT_EQ(states_of(take_statuses()), states{v1::TASK_FAILED});
  crash();
  start();
  attach();
  ASSERT_EQ(launcher_->reattachments.size(), 1u);
  launcher_->start(second);
  run();
  ASSERT_EQ(launcher_->signals.size(), 1u);
  EXPECT_EQ(launcher_->signals[0].mode, kill_mode::terminate);
  advance(5s);
  EXPECT_EQ(launcher_->signals.back().mode, kill_mode::kill);
  launcher_->exit(second, exit_status::make_signaled(9));
  EXPECT_EQ(states_of(take_statuses()), states{v1::TASK_KILLED});
  EXPECT_EQ(stored(), 1u) << "only the identity is left";
}

TEST_F(AgentRecoveryTest, KilledGroupStaysKilledThoughTheAgentDied) {
  start();
  attach();
  from_master(run_group({"t1", "t2"}));
  run();
  auto first = launcher_->launches.at(0).task_key;
  auto second = launcher_->launches.at(1).task_key;
  launcher_->start(first);
  launcher_->start(second);
  take_statuses();
  from_master(kill("t1"));
  run();
  EXPECT_EQ(launcher_->signals.size(), 2u);
  launcher_->exit(first, exit_status::make_signaled(15));
  EXPECT_EQ(states_of(take_statuses()), states{v1::TASK_KILLED});
  crash();
  start();
  attach();
  launcher_->start(second);
  run();
  EXPECT_EQ(launcher_->signals.size(), 1u);
}

TEST_F(AgentRecoveryTest, TaskThatIsStartedAnewStaysInItsGroup) {
  start();
  attach();
  from_master(run_group({"t1", "t2"}));
  run();
  auto first = launcher_->launches.at(0).task_key;
  auto second = launcher_->launches.at(1).task_key;
  launcher_->start(first);
  take_statuses();
  crash();
  start();
  attach();
  ASSERT_EQ(launcher_->reattachments.size(), 2u);
  launcher_->start(first);
  launcher_->fail_start(second, "reattach", "it was never started");
  run();
  ASSERT_EQ(launcher_->launches.size(), 1u);
  launcher_->start(key());
  launcher_->exit(key(), exit_status::make_exited(1));
  run();
  ASSERT_EQ(launcher_->signals.size(), 1u);
  EXPECT_EQ(launcher_->signals[0].key, first);
}

TEST_F(AgentRecoveryTest, SandboxIsKeptThoughItsTaskEndedWithTheMachine) {
  auto with = options();
  with.gc.age = 1'000s;
  with.gc.disk_headroom = -1; // however full the test's disk is
  start(with);
  attach();
  from_master(run_tasks({command_task("t1")}));
  run();
  launcher_->start(key());
  take_statuses();
  auto sandbox = launcher_->launches[0].sandbox;
  ASSERT_FALSE(make_posix_sandbox_files()->mark_idle(
    sandbox, wall_now() - std::chrono::hours{24 * 30}));
  crash();
  start(with, "boot2");
  attach();
  take_statuses();
  advance(900s);
  EXPECT_TRUE(std::filesystem::exists(sandbox));
  advance(160s);
  EXPECT_FALSE(std::filesystem::exists(sandbox));
}

} // namespace
} // namespace agora
