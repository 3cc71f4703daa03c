// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// The master actor towards its log and the actors beside it: nothing is said
// that is not committed, and a master that cannot go on ends.
#include "tests/actor/master/master_actor_fixture.hpp"

#include <gmock/gmock.h>

namespace agora {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class MasterActorLogTest : public test::master_actor_fixture {
protected:
  static bool runs_tasks(const agent_peer& agent) {
    auto all = orders(agent);
    return std::any_of(all.begin(), all.end(), [](auto& order) {
      return order.has_run_tasks();
    });
  }

  /// Watches the master, which the test expects to end.
  std::shared_ptr<std::optional<status>> end_of_master() {
    auto end = std::make_shared<std::optional<status>>();
    master_->attach_functor([end](const status& why) {
      *end = why;
    });
    return end;
  }
};

TEST_F(MasterActorLogTest, AgentIsAnsweredWhenItsAdmissionIsCommitted) {
  start();
  hold_log = true;
  auto agent = attach();
  EXPECT_THAT(orders(agent), IsEmpty());
  commit();
  settle();
  ASSERT_THAT(orders(agent), SizeIs(1));
  EXPECT_TRUE(orders(agent)[0].has_attached());
  EXPECT_EQ(log->last_applied, log->last_committed);
}

TEST_F(MasterActorLogTest, FrameworkIsAnsweredWhenItsSubscriptionIsCommitted) {
  start();
  hold_log = true;
  auto framework = subscribe();
  EXPECT_THAT(events(framework, event::SUBSCRIBED), IsEmpty());
  commit();
  settle();
  EXPECT_THAT(events(framework, event::SUBSCRIBED), SizeIs(1));
}

TEST_F(MasterActorLogTest, TasksAreRunWhenTheirAcceptanceIsCommitted) {
  start();
  auto agent = attach();
  auto framework = subscribe();
  hold_log = true;
  launch(framework, "t1");
  pass(10s);
  EXPECT_FALSE(runs_tasks(agent));
  commit();
  settle();
  EXPECT_TRUE(runs_tasks(agent));
}

TEST_F(MasterActorLogTest, LastStateIsForwardedWhenItIsCommitted) {
  start();
  auto agent = attach();
  auto framework = subscribe();
  launch(framework, "t1");
  run();
  hold_log = true;
  say(agent, test::status_message(id_of_framework(framework), "t1",
                                  v1::TASK_FINISHED, "uuid"));
  pass(10s);
  EXPECT_THAT(states(framework), IsEmpty());
  commit();
  settle();
  EXPECT_THAT(states(framework), ElementsAre("t1 TASK_FINISHED"));
}

TEST_F(MasterActorLogTest, WhatIsQueuedGoesIntoTheLogTogether) {
  start();
  hold_log = true;
  for (int i = 0; i < 100; ++i)
    say(open<session::MasterToScheduler>(session::SCHEDULER),
        test::subscribe_call());
  settle();
  ASSERT_THAT(log->proposals, SizeIs(1));
  EXPECT_THAT(log->proposals[0], SizeIs(100));
}

TEST_F(MasterActorLogTest, FullLogIsAskedAgainSoonAndNothingIsLost) {
  start();
  log->refusal = fail(errc::limit_reached, "full");
  auto framework = subscribe();
  EXPECT_EQ(log->refused, 1u);
  pass(1s);
  EXPECT_GT(log->refused, 10u);
  EXPECT_LE(log->refused, 100u) << "it must not be asked without a pause";
  log->refusal = {};
  pass(1s);
  EXPECT_THAT(events(framework, event::SUBSCRIBED), SizeIs(1));
  EXPECT_THAT(failures, IsEmpty());
}

TEST_F(MasterActorLogTest, LogThatFailsEndsTheNode) {
  start();
  log->refusal = fail(errc::io_failed, "the disk is gone");
  subscribe();
  EXPECT_THAT(failures, ElementsAre(HasSubstr("the disk is gone")));
}

TEST_F(MasterActorLogTest, EntryThatNobodyUnderstandsEndsTheNode) {
  start();
  committed_entries batch;
  batch.entries.push_back(std::make_shared<const log_entry>(
    log_entry{log->last_committed + 1, 1, "\xff no entry"}));
  tell(master_, std::move(batch));
  settle();
  EXPECT_THAT(failures, SizeIs(1));
}

TEST_F(MasterActorLogTest, WhoAsksForMoreThanTheLogTakesLosesItsSession) {
  settings.proposals_limit = 10;
  start();
  hold_log = true;
  std::vector<framework_peer> all;
  for (int i = 0; i < 12; ++i) {
    all.push_back(open<session::MasterToScheduler>(session::SCHEDULER));
    say(all.back(), test::subscribe_call());
    settle();
  }
  EXPECT_FALSE(all[10].got->closed);
  ASSERT_TRUE(all[11].got->closed);
  EXPECT_EQ(code_of(*all[11].got->closed), errc::limit_reached);
  // The operator still gets in.
  auto tool = open<session::ToolResponses>(session::TOOL);
  session::ToolRequests body;
  body.add_requests()->mutable_get_status();
  tell(master_, tool.number, std::move(body));
  settle();
  EXPECT_THAT(tool.got->bodies, SizeIs(1));
}

TEST_F(MasterActorLogTest, FaultOfItsAllocatorEndsIt) {
  start();
  auto end = end_of_master();
  caf::anon_send_exit(allocator_, caf::exit_reason::unhandled_exception);
  settle();
  ASSERT_TRUE(*end) << "it would go on without ever making an offer";
  EXPECT_EQ(**end, caf::exit_reason::unhandled_exception);
}

TEST_F(MasterActorLogTest, FaultOfItsLogEndsIt) {
  start();
  auto end = end_of_master();
  caf::anon_send_exit(log_, caf::exit_reason::unhandled_exception);
  settle();
  ASSERT_TRUE(*end);
  EXPECT_EQ(**end, caf::exit_reason::unhandled_exception);
}

} // namespace
} // namespace agora
