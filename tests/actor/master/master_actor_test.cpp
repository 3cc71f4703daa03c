// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// The master actor towards its sessions and the clock. What it decides has
// tests in tests/unit/actors/master.
#include "tests/actor/master/master_actor_fixture.hpp"

#include <gmock/gmock.h>

namespace agora {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class MasterActorTest : public test::master_actor_fixture {
protected:
  /// Whether anybody who asks is served.
  void expect_it_serves() {
    auto agent = attach("healthy");
    EXPECT_TRUE(orders(agent).at(0).has_attached());
    EXPECT_THAT(events(subscribe(), event::SUBSCRIBED), SizeIs(1));
    EXPECT_THAT(failures, IsEmpty());
  }
};

TEST_F(MasterActorTest, AttachedAgentIsOfferedToASubscribedFramework) {
  start();
  auto agent = attach();
  ASSERT_THAT(orders(agent), SizeIs(1));
  auto attached = orders(agent)[0].attached();
  EXPECT_EQ(attached.cluster_id(), "c1u57e12");
  EXPECT_EQ(attached.epoch().term(), 1u);
  auto framework = subscribe();
  auto offers = events(framework, event::OFFERS);
  ASSERT_THAT(offers, SizeIs(1));
  EXPECT_EQ(offers[0].offers().offers(0).agent_id().value(),
            attached.agent_id().value());
}

TEST_F(MasterActorTest, OfferRunsOutOnTimeAndNotBefore) {
  settings.offer_timeout = 10s;
  start();
  attach();
  auto framework = subscribe();
  ASSERT_THAT(events(framework, event::OFFERS), SizeIs(1));
  pass(9999ms);
  EXPECT_THAT(events(framework, event::RESCIND), IsEmpty());
  pass(1ms);
  ASSERT_THAT(events(framework, event::RESCIND), SizeIs(1));
  // Who sat on it gets it again, but not at once.
  pass(settings.default_refuse - 1s);
  EXPECT_THAT(events(framework, event::OFFERS), SizeIs(1));
  pass(1s);
  EXPECT_THAT(events(framework, event::OFFERS), SizeIs(2));
}

TEST_F(MasterActorTest, LostAgentIsUnreachableAfterItsTimeoutAndNotBefore) {
  settings.agent_timeout = 75s;
  start();
  auto agent = attach();
  auto framework = subscribe();
  launch(framework, "t1");
  run();
  lose(agent);
  pass(74s);
  EXPECT_THAT(states(framework), IsEmpty());
  pass(1s);
  EXPECT_THAT(states(framework), ElementsAre("t1 TASK_UNREACHABLE"));
}

TEST_F(MasterActorTest, AgentThatWasSilentBeforeItWasLostHasLessTimeLeft) {
  settings.agent_timeout = 75s;
  start();
  auto agent = attach();
  auto framework = subscribe();
  launch(framework, "t1");
  run();
  tell(master_,
       session_down{agent.number, fail(errc::session_lost, "silent"), 45s});
  run();
  pass(29s);
  EXPECT_THAT(states(framework), IsEmpty());
  pass(1s);
  EXPECT_THAT(states(framework), ElementsAre("t1 TASK_UNREACHABLE"));
}

TEST_F(MasterActorTest, AgentThatIsBackInTimeIsNotGivenUp) {
  start();
  auto agent = attach();
  auto framework = subscribe();
  launch(framework, "t1");
  run();
  auto id = id_of_framework(framework);
  say(agent, test::confirm_message(id, "t1"));
  lose(agent);
  pass(60s);
  auto back = open<session::MasterToAgent>(session::AGENT);
  auto again = test::attach_message("a1", 2, "cpus:4;mem:1024");
  *again.mutable_attach()->add_tasks()
    = test::held_task(id, "t1", v1::TASK_RUNNING);
  say(back, std::move(again));
  run();
  pass(1h);
  EXPECT_THAT(states(framework),
              testing::Not(testing::Contains("t1 TASK_UNREACHABLE")));
  EXPECT_FALSE(back.got->closed);
}

TEST_F(MasterActorTest, FrameworkThatStaysAwayIsEndedAfterItsFailoverTimeout) {
  start();
  auto agent = attach();
  auto framework = subscribe({.failover_timeout = 30});
  launch(framework, "t1");
  run();
  lose(framework);
  auto shutdowns = [&] {
    auto all = orders(agent);
    return std::count_if(all.begin(), all.end(), [](auto& order) {
      return order.has_shutdown_framework();
    });
  };
  pass(29s);
  EXPECT_EQ(shutdowns(), 0);
  pass(1s);
  EXPECT_EQ(shutdowns(), 1);
}

TEST_F(MasterActorTest, WhatNobodyUnderstandsIsAnsweredOrIgnoredWithoutHarm) {
  start();
  auto agent = open<session::MasterToAgent>(session::AGENT);
  say(agent, {});
  say(agent, test::status_message("nobody", "t1", v1::TASK_RUNNING, "uuid"));
  auto framework = open<session::MasterToScheduler>(session::SCHEDULER);
  say(framework, {});
  auto tool = open<session::ToolResponses>(session::TOOL);
  session::ToolRequests unknown;
  unknown.add_requests()->set_id(7);
  tell(master_, tool.number, std::move(unknown));
  run();
  ASSERT_THAT(tool.got->bodies, SizeIs(1));
  EXPECT_EQ(tool.got->bodies[0].responses(0).id(), 7u);
  EXPECT_EQ(tool.got->bodies[0].responses(0).error().code(),
            "invalid_argument");
  expect_it_serves();
}

TEST_F(MasterActorTest, SubscriptionWithoutAUserIsRefusedByName) {
  start();
  auto framework = open<session::MasterToScheduler>(session::SCHEDULER);
  auto call = test::subscribe_call();
  call.mutable_subscribe()->mutable_framework_info()->clear_user();
  say(framework, std::move(call));
  run();
  auto errors = events(framework, event::ERROR);
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_THAT(errors[0].error().message(), testing::HasSubstr("user"));
  EXPECT_TRUE(framework.got->closed);
  expect_it_serves();
}

TEST_F(MasterActorTest, BodiesOfAndForASessionThatIsOverDoNoHarm) {
  start();
  hold_log = true;
  auto framework = open<session::MasterToScheduler>(session::SCHEDULER);
  say(framework, test::subscribe_call());
  lose(framework);
  // The owner may hear of the end before the last body was handled.
  say(framework, test::subscribe_call());
  hold_log = false;
  run();
  EXPECT_THAT(events(framework, event::SUBSCRIBED), IsEmpty());
  expect_it_serves();
}

TEST_F(MasterActorTest, ExplainsFromTheAllocatorsOwnDecisions) {
  start();
  auto framework = subscribe();
  auto tool = open<session::ToolResponses>(session::TOOL);
  session::ToolRequests body;
  auto& request = *body.add_requests();
  request.set_id(1);
  request.mutable_explain_framework()->mutable_framework_id()->set_value(
    id_of_framework(framework));
  tell(master_, tool.number, std::move(body));
  run();
  ASSERT_THAT(tool.got->bodies, SizeIs(1));
  auto& response = tool.got->bodies[0].responses(0);
  EXPECT_FALSE(response.has_error()) << response.DebugString();
  EXPECT_FALSE(response.explanation().summary().empty());
}

} // namespace
} // namespace agora
