// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// Three masters, real processes, and what may happen to them.
#include "tests/integration/tools/local_cluster_fixture.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace agora {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class MastersTest : public local_cluster_fixture {
protected:
  /// Three masters and an agent that is attached.
  void start() {
    auto arguments = local_arguments(1);
    arguments.insert(arguments.end(), {"--masters", "3"});
    cluster_ = std::make_unique<child_process>(arguments);
    ASSERT_TRUE(cluster_->wait_for_output("agent-1 started, pid "))
      << cluster_->err();
    ASSERT_TRUE(eventually([this] {
      return agora({"agents"}).out.find("attached") != std::string::npos;
    }))
      << cluster_->err();
  }

  std::string port_of(int master) const {
    std::string port;
    auto at = master == 1
                ? std::string{"cluster/port"}
                : "cluster/master-" + std::to_string(master) + "/port";
    std::ifstream{scratch_.file(at)} >> port;
    return port;
  }

  std::string address_of(int master) const {
    return "127.0.0.1:" + port_of(master);
  }

  ended_program agora(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"agora", "--master",
                                         address_of(1) + "," + address_of(2)
                                           + "," + address_of(3)});
    return run_program(std::move(arguments));
  }

  /// The number of the master that leads; 0 if there is none.
  int leader() const {
    auto list = agora({"masters", "--output", "json"}).out;
    auto mark = std::string{"\"leader\": "};
    auto at = list.find(mark);
    return at == std::string::npos ? 0
                                   : std::atoi(list.c_str() + at + mark.size());
  }

  int a_follower() const {
    return leader() == 1 ? 2 : 1;
  }

  static std::string name_of(int master) {
    return "master-" + std::to_string(master);
  }

  void signal(int master, int what) const {
    ::kill(pid_of(name_of(master)), what);
  }

  std::string log_of(int master) const {
    std::ifstream in{scratch_.file("cluster/" + name_of(master) + ".log")};
    std::stringstream all;
    all << in.rdbuf();
    return all.str();
  }

  /// As many lines in it as there are masters that lag by nothing.
  bool all_have_caught_up() const {
    auto list = agora({"masters"}).out;
    size_t connected = 0;
    for (auto at = list.find("connected"); at != std::string::npos;
         at = list.find("connected", at + 1))
      ++connected;
    return connected == 3 && list.find("not reached") == std::string::npos
           && list.find("learner") == std::string::npos;
  }
};

TEST_F(MastersTest, AnotherOneLeadsWhenTheLeaderIsKilledAndATaskRunsOn) {
  start();
  auto gate = scratch_.file("gate");
  child_process run{{program("agora"), "--master",
                     address_of(1) + "," + address_of(2) + "," + address_of(3),
                     "run", "--", "/bin/sh", "-c",
                     "echo started; while [ ! -e " + gate
                       + " ]; do sleep 0.05; done; echo ended; exit 7"}};
  ASSERT_TRUE(run.wait_for_output("started")) << run.err();
  auto old = leader();
  ASSERT_NE(old, 0);
  signal(old, SIGKILL);
  ASSERT_TRUE(eventually([&] {
    auto now = leader();
    return now != 0 && now != old;
  }));
  EXPECT_THAT(agora({"tasks"}).out, HasSubstr("running"));
  std::ofstream{gate} << "open";
  EXPECT_EQ(run.wait(std::chrono::seconds{60}), 7) << run.err();
  EXPECT_THAT(run.out(), HasSubstr("ended"));
  // The supervisor has started it again, and it follows.
  ASSERT_TRUE(eventually([this] {
    return all_have_caught_up();
  }))
    << agora({"masters"}).out;
}

TEST_F(MastersTest, ALeaderThatWasStoppedForAWhileStepsDown) {
  start();
  auto old = leader();
  signal(old, SIGSTOP);
  ASSERT_TRUE(eventually([&] {
    auto now = leader();
    return now != 0 && now != old;
  }));
  EXPECT_EQ(agora({"run", "--", "/bin/true"}).code, 0);
  signal(old, SIGCONT);
  ASSERT_TRUE(eventually([&] {
    return log_of(old).find("master follows leader=127.0.0.1")
           != std::string::npos;
  }));
  EXPECT_EQ(agora({"run", "--", "/bin/true"}).code, 0);
}

TEST_F(MastersTest, WithoutAMajorityNothingIsDecidedAndItIsSaid) {
  start();
  auto leads = leader();
  std::set<int> stopped;
  for (int i = 1; i <= 3; ++i)
    if (i != leads && stopped.insert(i).second)
      signal(i, SIGSTOP);
  auto status = agora({"--timeout", "5s", "status"});
  EXPECT_EQ(status.code, 3) << status.out;
  auto list = agora({"--timeout", "5s", "masters"});
  for (auto one : stopped)
    signal(one, SIGCONT);
  EXPECT_EQ(list.code, 0) << list.err;
  EXPECT_THAT(list.out, HasSubstr("may be old"));
  EXPECT_TRUE(eventually([this] {
    return agora({"status"}).code == 0;
  }));
}

TEST_F(MastersTest, LeadershipIsHandedOver) {
  start();
  auto to = a_follower();
  auto done = agora({"masters", "transfer", std::to_string(to)});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(leader(), to);
  auto unknown = agora({"masters", "transfer", "9"});
  EXPECT_EQ(unknown.code, 4) << unknown.err;
  EXPECT_THAT(unknown.err, HasSubstr("there is no master 9"));
}

TEST_F(MastersTest, AMasterThatLostItsDiskIsTakenInAnew) {
  start();
  ASSERT_EQ(agora({"run", "--", "/bin/true"}).code, 0);
  auto lost = leader() == 3 ? 2 : 3;
  auto data = scratch_.file("cluster/" + name_of(lost) + "/data");
  signal(lost, SIGSTOP);
  std::filesystem::remove_all(data);
  signal(lost, SIGKILL);
  // Under its old number nobody talks to it.
  ASSERT_TRUE(eventually([&] {
    return log_of(leader()).find("is known with another data directory")
           != std::string::npos;
  }));
  auto number = std::to_string(lost);
  auto removed = agora({"masters", "remove", number});
  EXPECT_EQ(removed.code, 0) << removed.err;
  auto added = agora({"masters", "add", number + "=" + address_of(lost)});
  EXPECT_EQ(added.code, 0) << added.err;
  EXPECT_TRUE(eventually([this] {
    return all_have_caught_up();
  }))
    << agora({"masters"}).out;
}

TEST_F(MastersTest, AFounderThatLostItsDiskFoundsNoSecondCluster) {
  start();
  auto id = agora({"status", "--output", "json"}).out.substr(0, 60);
  signal(1, SIGSTOP);
  std::filesystem::remove_all(scratch_.file("cluster/master-1/data"));
  signal(1, SIGKILL);
  ASSERT_TRUE(eventually([&] {
    return log_of(1).find("belongs to cluster") != std::string::npos;
  }));
  EXPECT_EQ(agora({"status", "--output", "json"}).out.substr(0, 60), id);
}

TEST_F(MastersTest, NonsenseIsRefusedWithTheReason) {
  auto refusal = [this](std::vector<std::string> flags) {
    std::vector<std::string> all{"agorad",           "master",   "--work-dir",
                                 scratch_.file("m"), "--listen", "127.0.0.1:0"};
    all.insert(all.end(), flags.begin(), flags.end());
    auto ended = run_program(all);
    EXPECT_EQ(ended.code, 2) << ended.err;
    return ended.err;
  };
  EXPECT_THAT(refusal({"--id", "0"}), HasSubstr("id: at least 1"));
  EXPECT_THAT(refusal({"--peers", "127.0.0.1:1"}),
              HasSubstr("NUMBER=HOST:PORT"));
  EXPECT_THAT(refusal({"--peers", "1=127.0.0.1:1,1=127.0.0.1:2"}),
              HasSubstr("must differ"));
  EXPECT_THAT(refusal({"--peers", "1=10.1.2.3:4"}),
              HasSubstr("and not at 10.1.2.3:4"));
}

} // namespace
} // namespace agora
