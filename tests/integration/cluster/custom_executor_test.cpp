// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// What happens to a custom executor's task when its agent, its executor or the
// master is killed, on a cluster of real processes.
#include "tests/integration/cluster/cluster_fixture.hpp"

namespace agora {
namespace {

class ClusterCustomExecutorTest : public cluster_fixture {
protected:
  /// Starts a cluster, and a framework with a task in a custom executor.
  void start_all() {
    start_master();
    start_agent("a1");
    framework_ = start_lasting(
      {"--executor", std::string{"exec "} + AGORA_GATED_EXECUTOR + " "
                       + file("started") + " " + file("gate")});
    await_gated_task();
    ASSERT_TRUE(framework_->wait_for_output("TASK_RUNNING"))
      << framework_->err();
  }

  /// Waits until the task is finished and its executor gone.
  void expect_finished_once() {
    EXPECT_EQ(framework_->wait(std::chrono::seconds{60}), 0)
      << framework_->err();
    EXPECT_NE(framework_->out().find("TASK_FINISHED"), std::string::npos)
      << framework_->out();
    EXPECT_EQ(starts(), 1);
    EXPECT_TRUE(eventually([&] {
      return task_is_over();
    }));
    // What the task and the executor used is free again.
    EXPECT_EQ(agora({"run", "--cpus", "4", "--", "/bin/true"}).code, 0);
  }

  std::unique_ptr<child_process> framework_;
};

TEST_F(ClusterCustomExecutorTest, AgentKilledAndBackWhileTheTaskStillRuns) {
  start_all();
  kill_agent("a1");
  start_agent("a1");
  open_gate();
  expect_finished_once();
}

TEST_F(ClusterCustomExecutorTest, TaskThatEndsWithoutAnAgentIsReportedLater) {
  start_all();
  kill_agent("a1");
  // The executor finishes the task and keeps that for the agent.
  open_gate();
  start_agent("a1");
  expect_finished_once();
}

TEST_F(ClusterCustomExecutorTest, AgentAndMasterKilledTogether) {
  start_all();
  kill_agent("a1");
  kill_master();
  start_master();
  start_agent("a1");
  open_gate();
  expect_finished_once();
}

TEST_F(ClusterCustomExecutorTest, ExecutorKilledWhileTheAgentIsAway) {
  start_all();
  kill_agent("a1");
  ::kill(task(), SIGKILL);
  ASSERT_TRUE(eventually([&] {
    return task_is_over();
  }));
  start_agent("a1");
  EXPECT_EQ(framework_->wait(std::chrono::seconds{60}), 0) << framework_->err();
  EXPECT_NE(framework_->out().find("TASK_FAILED REASON_EXECUTOR_TERMINATED"),
            std::string::npos)
    << framework_->out();
  EXPECT_EQ(starts(), 1);
  EXPECT_EQ(agora({"run", "--cpus", "4", "--", "/bin/true"}).code, 0);
}

} // namespace
} // namespace agora
