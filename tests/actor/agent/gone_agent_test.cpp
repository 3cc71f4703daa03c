// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/actor/agent/agent_fixture.hpp"

namespace agora {
namespace {

using namespace std::chrono_literals;

/// An agent that an operator has marked gone.
class GoneAgentTest : public test::agent_fixture {
protected:
  /// Comes back to a master that refuses it.
  void come_back(const std::string& code = "agent_gone") {
    tell(agent_, session_down{number_, {}});
    settle();
    open_master();
    session::MasterToAgent body;
    auto& refused = *body.add_messages()->mutable_refused();
    refused.set_code(code);
    refused.set_text("the test says so");
    tell(agent_, number_, std::move(body));
    run();
    sent();
  }

  void run_task(const std::string& id) {
    from_master(run_tasks({command_task(id, "sleep 1000")}));
    run();
    process_ = key();
    launcher_->start(process_);
    take_statuses();
  }

  /// Kill -9 of the agent; its task's process runs on, and is found again.
  void restart() {
    crash();
    start();
    run();
    ASSERT_EQ(launcher_->reattachments.size(), 1u);
    launcher_->start(process_);
    run();
  }

  /// Whether the agent wants the task's process to end.
  bool kills() {
    for (auto& signal : launcher_->signals)
      if (signal.key == process_)
        return true;
    return false;
  }

  size_t tasks() {
    auto now = ask<agent_status>(agent_, get_agent_status{});
    EXPECT_TRUE(now.engaged());
    return now ? now->tasks : 0;
  }

  std::string process_;
};

TEST_F(GoneAgentTest, EndsItsTasksAndForgetsThem) {
  start();
  attach();
  auto nothing = stored();
  run_task("t1");
  come_back();
  EXPECT_TRUE(kills());
  launcher_->exit(process_, exit_status::make_signaled(9));
  run();
  // Nobody acknowledges, and nobody is waited for.
  EXPECT_EQ(tasks(), 0u);
  EXPECT_EQ(stored(), nothing);
  EXPECT_TRUE(sent_statuses().empty());
}

TEST_F(GoneAgentTest, EndsOrphansToo) {
  start();
  attach();
  run_task("t1");
  restart();
  attach({task_ref("t1")});
  come_back();
  EXPECT_TRUE(kills());
  launcher_->exit(process_, exit_status::make_signaled(9));
  run();
  EXPECT_EQ(tasks(), 0u);
}

TEST_F(GoneAgentTest, KnowsItAgainAfterARestart) {
  start();
  attach();
  run_task("t1");
  restart();
  come_back();
  EXPECT_TRUE(kills());
}

TEST_F(GoneAgentTest, LeavesTasksAloneIfItIsRefusedForAnotherReason) {
  start();
  attach();
  run_task("t1");
  come_back("stale_incarnation");
  EXPECT_FALSE(kills());
  EXPECT_EQ(tasks(), 1u);
}

TEST_F(GoneAgentTest, AsksAgainAfterAWhile) {
  start();
  attach();
  come_back();
  EXPECT_FALSE(*master_.closed);
  advance(options().timeouts.refused_retry + 1s);
  EXPECT_TRUE(*master_.closed);
}

} // namespace
} // namespace agora
