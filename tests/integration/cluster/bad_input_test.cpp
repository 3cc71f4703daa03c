// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// Tasks that cannot run, on a cluster of real processes: each gets its reason,
// and nothing stays reserved.
#include "tests/integration/cluster/cluster_fixture.hpp"

namespace agora {
namespace {

class ClusterBadInputTest : public cluster_fixture {
protected:
  void SetUp() override {
    start_master();
    start_agent("a1");
  }

  void TearDown() override {
    // Everything that the agent has is free: a task may take it all.
    auto all
      = agora({"run", "--cpus", "4", "--mem", "1024MiB", "--", "/bin/true"});
    EXPECT_EQ(all.code, 0) << all.err;
  }
};

TEST_F(ClusterBadInputTest, MissingProgram) {
  auto run = agora({"run", "--", "/no/such/program"});
  EXPECT_NE(run.code, 0);
  EXPECT_NE(run.err.find("No such file"), std::string::npos) << run.err;
}

TEST_F(ClusterBadInputTest, EnvironmentOfMoreThanOneMebibyte) {
  std::vector<std::string> command{"run"};
  for (int i = 0; i < 18; ++i) {
    command.push_back("--env");
    command.push_back("V" + std::to_string(i) + "="
                      + std::string(size_t{64} << 10, 'x'));
  }
  command.insert(command.end(), {"--", "/bin/sh", "-c", "exit 3"});
  auto run = agora(command);
  // It runs where the system allows it, and fails with its reason elsewhere.
  if (run.code != 3) {
    EXPECT_NE(run.err.find("TASK_"), std::string::npos) << run.err;
  }
}

TEST_F(ClusterBadInputTest, JobListWithAnAbsurdLineIsRefusedAndNamed) {
  auto list = file("jobs");
  std::ofstream{list} << "true\n" << std::string(size_t{1} << 20, 'x') << '\n';
  auto batch = agora({"batch", list});
  EXPECT_EQ(batch.code, 2) << batch.err;
  EXPECT_NE(batch.err.find("line 2"), std::string::npos) << batch.err;
}

TEST_F(ClusterBadInputTest, ProgramThatKillsItself) {
  auto run = agora({"run", "--", "/bin/sh", "-c", "kill -SEGV $$"});
  EXPECT_NE(run.code, 0);
  EXPECT_NE(run.err.find("signal"), std::string::npos) << run.err;
}

TEST_F(ClusterBadInputTest, HundredFailuresLeaveNothingReserved) {
  auto list = file("jobs");
  {
    std::ofstream jobs{list};
    for (int i = 0; i < 100; ++i)
      jobs << (i % 2 == 0 ? "exit 1\n" : "/no/such/program\n");
  }
  auto batch = agora({"batch", "--cpus", "1", list});
  EXPECT_EQ(batch.code, 1) << batch.err;
}

/// Runs lasting_framework's task with these flags, and returns what was said of
/// it; the task must not have started.
class ClusterBadTaskTest : public ClusterBadInputTest {
protected:
  std::string refusal_of(std::vector<std::string> flags) {
    auto framework = start_lasting(std::move(flags));
    EXPECT_EQ(framework->wait(std::chrono::seconds{60}), 0) << framework->err();
    EXPECT_EQ(starts(), 0);
    auto mark = framework->out().find("TASK_FAILED");
    EXPECT_NE(mark, std::string::npos) << framework->out();
    return framework->out().substr(std::min(mark, framework->out().size()));
  }
};

TEST_F(ClusterBadTaskTest, UnknownUser) {
  auto refusal = refusal_of({"--user", "no-such-user"});
  EXPECT_NE(refusal.find("no-such-user"), std::string::npos) << refusal;
}

TEST_F(ClusterBadTaskTest, MissingFile) {
  auto refusal = refusal_of({"--uri", file("no-such-file")});
  EXPECT_NE(refusal.find(file("no-such-file")), std::string::npos) << refusal;
}

TEST_F(ClusterBadTaskTest, FileThatTheTasksUserMayNotRead) {
  auto secret = file("secret");
  std::ofstream{secret} << "secret\n";
  using std::filesystem::perms;
  std::vector<std::string> flags{"--uri", secret};
  if (::geteuid() == 0) {
    std::filesystem::permissions(secret, perms::owner_read);
    flags.insert(flags.end(), {"--user", "nobody"});
  } else {
    std::filesystem::permissions(secret, perms::none);
  }
  auto refusal = refusal_of(flags);
  EXPECT_NE(refusal.find(secret), std::string::npos) << refusal;
}

TEST_F(ClusterBadInputTest, UnknownIdsAreNamed) {
  auto task = agora({"task", "no-such-task"});
  EXPECT_EQ(task.code, 4) << task.err;
  EXPECT_NE(task.err.find("no-such-task"), std::string::npos);
  auto framework = agora({"teardown", "no-such-framework"});
  EXPECT_EQ(framework.code, 4) << framework.err;
  EXPECT_NE(framework.err.find("no-such-framework"), std::string::npos);
}

using ClusterLimitsTest = cluster_fixture;

TEST_F(ClusterLimitsTest, ANodeOverTheLimitOfConnectionsIsRefused) {
  start_master({"--max-connections", "1"});
  start_agent("a1");
  // The one connection is the agent's.
  auto refused = agora({"status"});
  EXPECT_NE(refused.code, 0) << refused.out;
  EXPECT_NE(refused.err.find("which is its limit"), std::string::npos)
    << refused.err;
  kill_agent("a1");
  EXPECT_TRUE(eventually([&] {
    return agora({"status"}).code == 0;
  }));
}

} // namespace
} // namespace agora
