// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// An operator writes an agent off. Real processes.
#include "tests/integration/cluster/cluster_fixture.hpp"

namespace agora {
namespace {

class ClusterGoneAgentTest : public cluster_fixture {
protected:
  /// A task of a partition-aware framework runs on the agent.
  void SetUp() override {
    start_master();
    start_agent("a1");
    framework_ = start_lasting({"--partition-aware"});
    ASSERT_TRUE(framework_->wait_for_output("subscribed "))
      << framework_->err();
    await_gated_task();
  }

  bool lists(const std::string& state, std::vector<std::string> flags = {}) {
    flags.insert(flags.begin(), "agents");
    return agora(flags).out.find(state) != std::string::npos;
  }

  std::unique_ptr<child_process> framework_;
};

TEST_F(ClusterGoneAgentTest, EndsItsTasksThoughItDoesNotAnswer) {
  kill_agent("a1");
  ASSERT_TRUE(eventually([&] {
    return lists("detached");
  }));
  auto gone = agora({"gone", "S0"});
  EXPECT_EQ(gone.code, 0) << gone.err;
  EXPECT_NE(gone.out.find("marked gone, with 1 tasks"), std::string::npos)
    << gone.out;
  EXPECT_EQ(framework_->wait(std::chrono::seconds{20}), 0) << framework_->err();
  EXPECT_NE(framework_->out().find(
              "TASK_GONE_BY_OPERATOR REASON_AGENT_REMOVED_BY_OPERATOR"),
            std::string::npos)
    << framework_->out();
  EXPECT_FALSE(lists("gone"));
  EXPECT_TRUE(lists("gone", {"--all"}));
  EXPECT_FALSE(task_is_over()) << "nobody is there to end it";
  // The machine comes back: what runs there is over for everybody else.
  begin_agent("a1");
  EXPECT_TRUE(eventually([&] {
    return task_is_over();
  }))
    << contents(file("a1.log"));
  EXPECT_TRUE(lists("gone", {"--all"}));
  EXPECT_NE(contents(file("a1.log")).find("empty work directory"),
            std::string::npos);
  EXPECT_EQ(starts(), 1);
  // With an empty work directory it is another agent.
  agent("a1").signal(SIGTERM);
  ASSERT_NE(agent("a1").wait(), -1);
  std::filesystem::remove_all(file("a1"));
  start_agent("a1");
  EXPECT_EQ(agora({"run", "--cpus", "4", "--", "/bin/true"}).code, 0);
}

TEST_F(ClusterGoneAgentTest, MustBeMeantIfTheAgentIsAttached) {
  auto refused = agora({"gone", "S0"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("--force"), std::string::npos) << refused.err;
  EXPECT_TRUE(lists("attached"));
  EXPECT_FALSE(task_is_over());
  EXPECT_EQ(agora({"gone", "S7"}).code, 4);
  auto gone = agora({"gone", "--force", "S0"});
  EXPECT_EQ(gone.code, 0) << gone.err;
  EXPECT_TRUE(eventually([&] {
    return task_is_over();
  }))
    << contents(file("a1.log"));
  EXPECT_EQ(framework_->wait(std::chrono::seconds{20}), 0) << framework_->err();
  EXPECT_EQ(agora({"gone", "S0"}).code, 1) << "it is gone already";
}

} // namespace
} // namespace agora
