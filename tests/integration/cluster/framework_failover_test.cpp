// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// Frameworks that are killed and come back, on a cluster of real processes.
#include "tests/integration/cluster/cluster_fixture.hpp"

namespace agora {
namespace {

class ClusterFailoverTest : public cluster_fixture {
protected:
  /// Starts the lasting framework, and waits until its task runs.
  void start_first(std::vector<std::string> flags = {}) {
    first_ = start_lasting(std::move(flags));
    await_gated_task();
    ASSERT_TRUE(first_->wait_for_output("TASK_RUNNING")) << first_->err();
  }

  /// Returns when the master knows of it.
  void kill_first() {
    first_->signal(SIGKILL);
    ASSERT_NE(first_->wait(), -1);
    ASSERT_TRUE(eventually([&] {
      return agora({"status"}).out.find("1 connected") == std::string::npos;
    }))
      << agora({"status"}).out;
  }

  /// What a framework printed when it was subscribed.
  static std::string subscription_of(const child_process& framework) {
    return framework.out().substr(0, framework.out().find('\n'));
  }

  std::unique_ptr<child_process> first_;
};

TEST_F(ClusterFailoverTest, KilledFrameworkComesBackForItsRunningTask) {
  start_master();
  start_agent("a1");
  start_first();
  kill_first();
  auto second = start_lasting();
  ASSERT_TRUE(second->wait_for_output("TASK_RUNNING")) << second->err();
  EXPECT_EQ(subscription_of(*second), subscription_of(*first_));
  EXPECT_FALSE(task_is_over());
  open_gate();
  EXPECT_EQ(second->wait(std::chrono::seconds{60}), 0) << second->err();
  EXPECT_NE(second->out().find("TASK_FINISHED"), std::string::npos)
    << second->out();
  EXPECT_EQ(starts(), 1);
  // It has ended in order: the next one is a new framework.
  EXPECT_FALSE(std::filesystem::exists(file("framework-id")));
}

TEST_F(ClusterFailoverTest, TaskThatEndsWhileItsFrameworkIsAwayIsReported) {
  start_master();
  start_agent("a1");
  start_first();
  kill_first();
  open_gate();
  ASSERT_TRUE(eventually([&] {
    return task_is_over();
  }));
  auto second = start_lasting();
  EXPECT_EQ(second->wait(std::chrono::seconds{60}), 0) << second->err();
  EXPECT_NE(second->out().find("TASK_FINISHED"), std::string::npos)
    << second->out();
  EXPECT_EQ(starts(), 1);
}

TEST_F(ClusterFailoverTest, FrameworkAndMasterKilledTogetherLoseNoTask) {
  start_master();
  start_agent("a1");
  start_first();
  first_->signal(SIGKILL);
  ASSERT_NE(first_->wait(), -1);
  kill_master();
  start_master();
  // Before that, a new leader knows nothing about the task, and says nothing.
  ASSERT_TRUE(eventually([&] {
    return agora({"status"}).out.find("1 attached") != std::string::npos;
  }))
    << agora({"status"}).out;
  auto second = start_lasting();
  ASSERT_TRUE(second->wait_for_output("TASK_RUNNING")) << second->err();
  EXPECT_EQ(subscription_of(*second), subscription_of(*first_));
  open_gate();
  EXPECT_EQ(second->wait(std::chrono::seconds{60}), 0) << second->err();
  EXPECT_EQ(starts(), 1);
}

TEST_F(ClusterFailoverTest, AfterItsFailoverTimeoutItsTasksAreKilled) {
  start_master();
  start_agent("a1");
  start_first({"--failover-timeout", "1s"});
  kill_first();
  EXPECT_TRUE(eventually([&] {
    return task_is_over();
  }));
  EXPECT_TRUE(eventually([&] {
    return agora({"tasks", "--all"}).out.find("killed") != std::string::npos;
  }))
    << agora({"tasks", "--all"}).out;
  // What it used is free again.
  EXPECT_EQ(agora({"run", "--cpus", "4", "--", "/bin/true"}).code, 0);
  // It is over for good, and told so.
  auto second = start_lasting({"--failover-timeout", "1s"});
  EXPECT_EQ(second->wait(std::chrono::seconds{60}), 1);
  EXPECT_NE(second->err().find("has ended"), std::string::npos)
    << second->err();
  EXPECT_EQ(starts(), 1);
}

TEST_F(ClusterFailoverTest, OfTwoSchedulersWithOneIdTheNewerWins) {
  start_master();
  start_agent("a1");
  start_first();
  auto second = start_lasting();
  ASSERT_TRUE(second->wait_for_output("TASK_RUNNING")) << second->err();
  EXPECT_EQ(first_->wait(std::chrono::seconds{60}), 1);
  EXPECT_NE(first_->err().find("another scheduler has subscribed"),
            std::string::npos)
    << first_->err();
  EXPECT_FALSE(task_is_over());
  open_gate();
  EXPECT_EQ(second->wait(std::chrono::seconds{60}), 0) << second->err();
  EXPECT_EQ(starts(), 1);
}

TEST_F(ClusterFailoverTest, PartitionAwareFrameworkGetsItsTaskBack) {
  start_master({"--agent-timeout", "2s"});
  start_agent("a1");
  start_first({"--partition-aware"});
  agent("a1").signal(SIGSTOP);
  EXPECT_TRUE(
    first_->wait_for_output("TASK_UNREACHABLE", std::chrono::seconds{40}))
    << first_->out();
  agent("a1").signal(SIGCONT);
  EXPECT_TRUE(first_->wait_for_output("TASK_RUNNING REASON_AGENT_REREGISTERED",
                                      std::chrono::seconds{40}))
    << first_->out();
  EXPECT_FALSE(task_is_over());
  open_gate();
  EXPECT_EQ(first_->wait(std::chrono::seconds{60}), 0) << first_->err();
  EXPECT_NE(first_->out().find("TASK_FINISHED"), std::string::npos)
    << first_->out();
  EXPECT_EQ(starts(), 1);
}

} // namespace
} // namespace agora
