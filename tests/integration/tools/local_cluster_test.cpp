// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/tools/local_cluster_fixture.hpp"

#include <gmock/gmock.h>

#include <csignal>

namespace agora {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class local_cluster : public local_cluster_fixture {};

TEST_F(local_cluster, comes_up_runs_a_command_and_goes_away) {
  start_cluster(2);
  auto agents = agora({"agents"});
  EXPECT_EQ(agents.code, 0) << agents.err;
  EXPECT_THAT(agents.out, HasSubstr("attached"));
  auto hello = agora({"run", "--", "echo", "hello"});
  EXPECT_EQ(hello.code, 0) << hello.err;
  EXPECT_EQ(hello.out, "hello\n");
  auto master = pid_of("master");
  cluster_->signal(SIGTERM);
  EXPECT_EQ(cluster_->wait(5s), 0) << cluster_->err();
  EXPECT_EQ(::kill(master, 0), -1);
}

TEST_F(local_cluster, ends_tasks_with_itself) {
  start_cluster(1);
  auto marker = scratch_.file("task.pid");
  child_process run{{program("agora"), "--master", master_address(), "run",
                     "--", "sh", "-c",
                     "echo $$ > " + marker + "; exec sleep 1000"}};
  pid_t task = 0;
  ASSERT_TRUE(eventually([&] {
    return bool{std::ifstream{marker} >> task};
  }))
    << cluster_->err();
  cluster_->signal(SIGINT);
  EXPECT_EQ(cluster_->wait(5s), 0) << cluster_->err();
  EXPECT_TRUE(eventually([&] {
    return ::kill(task, 0) == -1;
  }));
}

TEST_F(local_cluster, starts_again_what_dies) {
  start_cluster(1);
  ::kill(pid_of("agent-1"), SIGKILL);
  EXPECT_TRUE(cluster_->wait_for_output(
    "agent-1 was killed by signal 9 (Killed), starting it again in 100ms"));
  ::kill(pid_of("master"), SIGKILL);
  EXPECT_TRUE(cluster_->wait_for_output("master was killed by signal 9"));
  EXPECT_TRUE(eventually([&] {
    return agora({"status", "--output", "json"})
             .out.find("\"agents_attached\": 1,")
           != std::string::npos;
  }));
  cluster_->signal(SIGTERM);
  EXPECT_EQ(cluster_->wait(5s), 0) << cluster_->err();
}

TEST_F(local_cluster, refuses_a_work_dir_in_use) {
  start_cluster(1);
  child_process second{local_arguments(1)};
  EXPECT_EQ(second.wait(), 1);
  EXPECT_THAT(second.err(), HasSubstr(scratch_.file("cluster")
                                      + " is in use by another process"));
}

TEST_F(local_cluster, names_a_port_that_is_taken) {
  start_cluster(1);
  auto second
    = run_program({"agorad", "local", "--work-dir", scratch_.file("second"),
                   "--listen", master_address()});
  EXPECT_EQ(second.code, 1);
  EXPECT_THAT(second.err, HasSubstr(master_address()));
}

TEST_F(local_cluster, answers_the_admin_tool) {
  start_cluster(1);
  for (std::string command : {"status", "agents", "frameworks", "roles",
                              "offers", "tasks", "orphans"}) {
    auto table = agora({command});
    EXPECT_EQ(table.code, 0) << command << ": " << table.err;
    EXPECT_THAT(table.out, testing::Not(HasSubstr("\x1b[")));
    auto json = agora({command, "--output", "json"});
    EXPECT_EQ(json.code, 0) << command << ": " << json.err;
    EXPECT_THAT(json.out, testing::StartsWith("{"));
  }
  EXPECT_EQ(agora({"task", "nobody"}).code, 4);
  EXPECT_EQ(agora({"kill", "nobody"}).code, 4);
  EXPECT_EQ(agora({"teardown", "nobody"}).code, 4);
  EXPECT_EQ(agora({"explain", "framework", "nobody"}).code, 4);
  EXPECT_EQ(agora({"tasks", "--state", "sleepy"}).code, 2);
  EXPECT_EQ(agora({"run", "--", "sh", "-c", "exit 7"}).code, 7);
}

} // namespace
} // namespace agora
