// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// What happens when a part of a cluster of real processes is killed.
#include "tests/integration/cluster/cluster_fixture.hpp"

namespace agora {
namespace {

using ClusterFailureTest = cluster_fixture;

TEST_F(ClusterFailureTest, RunStreamsTheOutputAndEndsWithTheTasksStatus) {
  start_master();
  start_agent("a1");
  auto run = agora({"run", "--", "/bin/sh", "-c",
                    "echo to stdout; echo to stderr >&2; exit 3"});
  EXPECT_EQ(run.code, 3) << run.err;
  EXPECT_EQ(run.out, "to stdout\n");
  EXPECT_NE(run.err.find("to stderr\n"), std::string::npos) << run.err;
}

TEST_F(ClusterFailureTest, AgentKilledTaskRunsOnAndItsTrueStatusIsReported) {
  start_master();
  start_agent("a1");
  auto run = start_gated_task(7);
  kill_agent("a1");
  open_gate();
  // The task ends while there is no agent: only the shim saw how.
  ASSERT_TRUE(eventually([&] {
    return task_is_over();
  }));
  start_agent("a1");
  EXPECT_EQ(run->wait(std::chrono::seconds{60}), 7) << run->err();
  EXPECT_EQ(starts(), 1);
}

TEST_F(ClusterFailureTest, AgentKilledAndBackWhileTheTaskStillRuns) {
  start_master();
  start_agent("a1");
  auto run = start_gated_task(5);
  kill_agent("a1");
  start_agent("a1");
  EXPECT_NE(agora({"tasks"}).out.find("running"), std::string::npos);
  open_gate();
  EXPECT_EQ(run->wait(std::chrono::seconds{60}), 5) << run->err();
  EXPECT_EQ(starts(), 1);
}

TEST_F(ClusterFailureTest, ShimKilledEndsTheTaskAndIsReported) {
  start_master();
  start_agent("a1");
  auto run = start_gated_task(0);
  ASSERT_GT(shim(), 1);
  ::kill(shim(), SIGKILL);
  EXPECT_NE(run->wait(std::chrono::seconds{60}), 0);
  EXPECT_NE(run->err().find("TASK_FAILED"), std::string::npos) << run->err();
  auto tasks = agora({"tasks", "--all"});
  EXPECT_NE(tasks.out.find("failed"), std::string::npos) << tasks.out;
}

TEST_F(ClusterFailureTest, MasterKilledNothingIsLostAndNothingRunsTwice) {
  start_master();
  start_agent("a1");
  start_agent("a2");
  auto run = start_gated_task(9);
  for (int round = 0; round < 2; ++round) {
    kill_master();
    start_master();
    ASSERT_TRUE(eventually([&] {
      auto status = agora({"status"}).out;
      return status.find("2 attached") != std::string::npos
             && status.find("1 connected") != std::string::npos;
    }))
      << agora({"status"}).out;
    EXPECT_NE(agora({"tasks"}).out.find("running"), std::string::npos);
  }
  open_gate();
  EXPECT_EQ(run->wait(std::chrono::seconds{60}), 9) << run->err();
  EXPECT_EQ(starts(), 1);
}

TEST_F(ClusterFailureTest, TaskThatEndsWhileTheMasterIsAwayIsReportedLater) {
  start_master();
  start_agent("a1");
  auto run = start_gated_task(4);
  kill_master();
  open_gate();
  ASSERT_TRUE(eventually([&] {
    return task_is_over();
  }));
  start_master();
  EXPECT_EQ(run->wait(std::chrono::seconds{60}), 4) << run->err();
  EXPECT_EQ(starts(), 1);
}

TEST_F(ClusterFailureTest, FrameworkKilledWithoutFailoverTimeoutEndsItsTasks) {
  start_master();
  start_agent("a1");
  auto run = start_gated_task(0);
  run->signal(SIGKILL);
  EXPECT_TRUE(eventually([&] {
    return task_is_over();
  }));
  EXPECT_TRUE(eventually([&] {
    return agora({"tasks", "--all"}).out.find("killed") != std::string::npos;
  }))
    << agora({"tasks", "--all"}).out;
  // What it used is free again.
  EXPECT_EQ(agora({"run", "--cpus", "4", "--", "/bin/true"}).code, 0);
}

TEST_F(ClusterFailureTest, SilentAgentIsUnreachableAndMayReturn) {
  start_master({"--agent-timeout", "2s"});
  start_agent("a1");
  // `agora run` is not partition-aware: its task is lost, which is final.
  auto run = start_gated_task(6);
  agent("a1").signal(SIGSTOP);
  EXPECT_TRUE(eventually([&] {
    return agora({"agents"}).out.find("unreachable") != std::string::npos;
  }))
    << agora({"agents"}).out;
  // It ends although its agent can still not be asked for the output.
  auto code = run->wait(std::chrono::seconds{60});
  EXPECT_NE(code, -1) << "it still waits";
  EXPECT_NE(code, 6);
  EXPECT_NE(run->err().find("TASK_LOST"), std::string::npos) << run->err();
  agent("a1").signal(SIGCONT);
  EXPECT_TRUE(eventually([&] {
    return agora({"agents"}).out.find("attached") != std::string::npos;
  }))
    << agora({"agents"}).out;
  // What was given up must not run on.
  EXPECT_TRUE(eventually([&] {
    return task_is_over();
  }));
  EXPECT_EQ(agora({"run", "--cpus", "4", "--", "/bin/true"}).code, 0);
}

TEST_F(ClusterFailureTest, NodesEndWithinFiveSecondsUnderLoad) {
  start_master();
  start_agent("a1");
  auto jobs = file("jobs");
  {
    std::ofstream list{jobs};
    for (int i = 0; i < 200; ++i)
      list << "sleep 0.01\n";
  }
  auto batch = start_agora({"batch", "--cpus", "0.1", jobs});
  ASSERT_TRUE(eventually([&] {
    return agora({"status"}).out.find("1 connected") != std::string::npos;
  }));
  agent("a1").signal(SIGTERM);
  master().signal(SIGTERM);
  EXPECT_EQ(agent("a1").wait(std::chrono::seconds{10}), 0);
  EXPECT_EQ(master().wait(std::chrono::seconds{10}), 0);
}

} // namespace
} // namespace agora
