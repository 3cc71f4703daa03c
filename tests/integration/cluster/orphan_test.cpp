// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// Tasks that an agent holds and the log does not know, since the log was
// restored from an older copy. Real processes.
#include "tests/integration/cluster/cluster_fixture.hpp"

namespace agora {
namespace {

class ClusterOrphanTest : public cluster_fixture {
protected:
  /// The framework and its agent are older than the copy, its task is not.
  void SetUp() override {
    start_master();
    start_agent("a1");
    kill_agent("a1");
    auto framework = start_lasting();
    ASSERT_TRUE(framework->wait_for_output("subscribed ")) << framework->err();
    kill_master();
    copy("master", "master.copy");
    start_master();
    start_agent("a1");
    await_gated_task();
    framework->signal(SIGKILL);
    ASSERT_NE(framework->wait(), -1);
    kill_master();
    std::filesystem::remove_all(file("master"));
    copy("master.copy", "master");
    start_master({"--restored"});
    ASSERT_TRUE(eventually([&] {
      return holds("lasting-task");
    }))
      << agora({"agents"}).out << agora({"status"}).out;
  }

  void copy(const std::string& from, const std::string& to) {
    std::filesystem::copy(file(from), file(to),
                          std::filesystem::copy_options::recursive);
  }

  bool holds(const std::string& orphan) {
    return agora({"orphans"}).out.find(orphan) != std::string::npos;
  }
};

TEST_F(ClusterOrphanTest, IsHeldUntilItIsAdoptedAndGoesOnAsATask) {
  EXPECT_EQ(agora({"tasks"}).out.find("lasting-task"), std::string::npos);
  auto framework = start_lasting();
  ASSERT_TRUE(framework->wait_for_output("subscribed ")) << framework->err();
  EXPECT_FALSE(task_is_over()) << "nobody has decided";
  auto adopted = agora({"orphans", "adopt", "lasting-task"});
  EXPECT_EQ(adopted.code, 0) << adopted.err;
  EXPECT_TRUE(framework->wait_for_output("TASK_RUNNING")) << framework->err();
  EXPECT_TRUE(eventually([&] {
    return !holds("lasting-task");
  }));
  auto tasks = agora({"tasks"}).out;
  EXPECT_NE(tasks.find("lasting-task"), std::string::npos) << tasks;
  open_gate();
  EXPECT_EQ(framework->wait(std::chrono::seconds{60}), 0) << framework->err();
  EXPECT_NE(framework->out().find("TASK_FINISHED"), std::string::npos)
    << framework->out();
  EXPECT_EQ(starts(), 1);
  EXPECT_EQ(agora({"run", "--cpus", "4", "--", "/bin/true"}).code, 0);
}

TEST_F(ClusterOrphanTest, IsKilledWhenAnOperatorSaysSo) {
  EXPECT_EQ(agora({"orphans", "kill", "no-such-task"}).code, 4);
  EXPECT_FALSE(task_is_over()) << "nobody has decided";
  auto killed = agora({"orphans", "kill", "lasting-task"});
  EXPECT_EQ(killed.code, 0) << killed.err;
  EXPECT_TRUE(eventually([&] {
    return task_is_over();
  }));
  EXPECT_FALSE(holds("lasting-task"));
  // It stays away, also when the agent tells anew what it holds.
  kill_agent("a1");
  start_agent("a1");
  EXPECT_FALSE(holds("lasting-task"));
  EXPECT_EQ(agora({"run", "--cpus", "4", "--", "/bin/true"}).code, 0);
}

} // namespace
} // namespace agora
