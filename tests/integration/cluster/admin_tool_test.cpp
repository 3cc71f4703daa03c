// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// What the admin tool does to tasks that run, on a cluster of real processes.
#include "tests/integration/cluster/cluster_fixture.hpp"

namespace agora {
namespace {

class ClusterAdminToolTest : public cluster_fixture {
protected:
  void SetUp() override {
    start_master();
    start_agent("a1");
  }
};

TEST_F(ClusterAdminToolTest, LogsAreFollowedUntilTheTaskEnds) {
  auto run = start_gated_task(0);
  auto out = start_agora({"logs", "gated", "-f"});
  auto err = start_agora({"logs", "gated", "--follow", "--stderr"});
  ASSERT_TRUE(out->wait_for_output("begun\n")) << out->err();
  ASSERT_TRUE(err->wait_for_output("oops\n")) << err->err();
  // Without -f, what is there by now is all.
  auto so_far = agora({"logs", "gated"});
  EXPECT_EQ(so_far.code, 0) << so_far.err;
  EXPECT_EQ(so_far.out, "begun\n");
  open_gate();
  EXPECT_EQ(out->wait(std::chrono::seconds{60}), 0) << out->err();
  EXPECT_EQ(out->out(), "begun\nthrough\n");
  EXPECT_EQ(err->wait(std::chrono::seconds{60}), 0) << err->err();
  EXPECT_EQ(err->out(), "oops\n");
  EXPECT_EQ(run->wait(std::chrono::seconds{60}), 0) << run->err();
  // The sandbox outlives the task and its framework.
  EXPECT_EQ(agora({"logs", "gated"}).out, "begun\nthrough\n");
  EXPECT_EQ(agora({"logs", "gated", "--stderr"}).out, "oops\n");
}

TEST_F(ClusterAdminToolTest, LogsOfAKilledTaskEndAsWell) {
  auto run = start_gated_task(0);
  auto out = start_agora({"logs", "gated", "-f"});
  ASSERT_TRUE(out->wait_for_output("begun\n")) << out->err();
  EXPECT_EQ(agora({"kill", "gated"}).code, 0);
  EXPECT_EQ(out->wait(std::chrono::seconds{60}), 0) << out->err();
  EXPECT_NE(run->wait(std::chrono::seconds{60}), 0);
  EXPECT_NE(run->err().find("TASK_KILLED"), std::string::npos) << run->err();
}

TEST_F(ClusterAdminToolTest, TasksAreFoundByWhatTheirIdsBeginWith) {
  for (auto* name : {"pre-one", "pre-two"}) {
    auto run = agora({"run", "--name", name, "--", "/bin/true"});
    ASSERT_EQ(run.code, 0) << run.err;
  }
  auto one = agora({"task", "pre-o", "--output", "json"});
  EXPECT_EQ(one.code, 0) << one.err;
  EXPECT_NE(one.out.find("pre-one"), std::string::npos) << one.out;
  auto both = agora({"task", "pre-"});
  EXPECT_NE(both.code, 0) << both.out;
  EXPECT_NE(both.err.find("pre-two"), std::string::npos) << both.err;
  // FRAMEWORK/TASK, the framework's id as the answer above has it.
  const std::string mark = "\"value\":";
  auto at = one.out.find(mark, one.out.find("\"framework_id\":"));
  ASSERT_NE(at, std::string::npos) << one.out;
  auto begin = one.out.find('"', at + mark.size()) + 1;
  auto framework = one.out.substr(begin, one.out.find('"', begin) - begin);
  for (auto* task : {"/pre-one", "/pre-o"}) {
    auto found = agora({"task", framework + task});
    EXPECT_EQ(found.code, 0) << framework << task << ": " << found.err;
  }
  auto other = agora({"task", framework + "/pre-two"});
  EXPECT_EQ(other.code, 4) << other.out << other.err;
}

TEST_F(ClusterAdminToolTest, TeardownEndsALiveFrameworkAndItsTasks) {
  auto framework = start_lasting();
  await_gated_task();
  auto torn_down = agora({"teardown", "lasting"});
  EXPECT_EQ(torn_down.code, 0) << torn_down.err;
  EXPECT_EQ(framework->wait(std::chrono::seconds{60}), 1);
  EXPECT_NE(framework->err().find("torn down by an operator"),
            std::string::npos)
    << framework->err();
  EXPECT_TRUE(eventually([&] {
    return task_is_over();
  }));
  EXPECT_TRUE(eventually([&] {
    return agora({"tasks", "--all"}).out.find("killed") != std::string::npos;
  }))
    << agora({"tasks", "--all"}).out;
  EXPECT_EQ(agora({"run", "--cpus", "4", "--", "/bin/true"}).code, 0);
  // It cannot be torn down twice.
  auto again = agora({"teardown", "lasting"});
  EXPECT_EQ(again.code, 4) << again.out << again.err;
}

TEST_F(ClusterAdminToolTest, TeardownOfARunIsSaidOnItsStandardError) {
  auto run = start_gated_task(0);
  EXPECT_EQ(agora({"teardown", "run gated"}).code, 0)
    << agora({"frameworks"}).out;
  auto code = run->wait(std::chrono::seconds{60});
  EXPECT_NE(code, -1) << "it still waits";
  EXPECT_NE(code, 0);
  EXPECT_NE(run->err().find("torn down by an operator"), std::string::npos)
    << run->err();
}

} // namespace
} // namespace agora
