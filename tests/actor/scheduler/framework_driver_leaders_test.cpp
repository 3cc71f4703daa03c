// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/actor/scheduler/framework_driver_fixture.hpp"
#include "tests/support/captured_log.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

namespace agora {
namespace {

using namespace std::chrono_literals;
using test::offer;
using test::update;
using testing::ElementsAre;
using testing::IsEmpty;
using v1::scheduler::Call;
using v1::scheduler::Event;

class FrameworkDriverLeaders : public test::framework_driver_fixture {};

TEST_F(FrameworkDriverLeaders, SubscribesAtTheOneThatLeadsAndIsIdleElsewhere) {
  start();
  auto first = open_idle();
  open_session();
  auto third = open_idle();
  // As masters do right after a session was opened.
  say(number_, true, {1, number_});
  EXPECT_THAT(sent(), ElementsAre(Call::SUBSCRIBE));
  answer_subscribe();
  tell(driver_, calls::revive());
  settle();
  EXPECT_THAT(sent(), ElementsAre(Call::REVIVE));
  EXPECT_THAT(first.end->bodies, IsEmpty());
  EXPECT_THAT(third.end->bodies, IsEmpty());
  EXPECT_FALSE(first.end->closed || third.end->closed);
}

TEST_F(FrameworkDriverLeaders, FollowsATakeOverOnAnIdleSession) {
  start();
  subscribe();
  auto second = open_idle();
  Event offers;
  offers.set_type(Event::OFFERS);
  *offers.mutable_offers()->add_offers() = offer("o1");
  from_master({offers});
  script_->events.clear();
  lose_session();
  EXPECT_THAT(second.end->bodies, IsEmpty());
  // What the scheduler had from the old leader is void.
  ASSERT_EQ(script_->events.size(), 1u);
  EXPECT_EQ(script_->events[0].type(), Event::RESCIND);
  say(second.number, true, {1, 100});
  turn_to(second);
  ASSERT_THAT(sent(), ElementsAre(Call::SUBSCRIBE));
  EXPECT_EQ(calls_[0].subscribe().framework_info().id().value(), "f1");
}

TEST_F(FrameworkDriverLeaders, LeavesALeaderForANewerOne) {
  start();
  subscribe();
  auto old = session_;
  auto old_number = number_;
  auto second = open_idle();
  say(second.number, true, {1, 100});
  turn_to(second);
  EXPECT_THAT(sent(), ElementsAre(Call::SUBSCRIBE));
  answer_subscribe();
  script_->events.clear();
  session::MasterToScheduler body;
  *body.add_events() = update("t1", v1::TASK_RUNNING);
  tell(driver_, old_number, std::move(body));
  settle();
  EXPECT_THAT(script_->events, IsEmpty());
  // Its end does not matter either.
  tell(driver_, session_down{old_number, fail(errc::not_leader, "it is not")});
  tell(driver_, calls::revive());
  settle();
  EXPECT_THAT(sent(), ElementsAre(Call::REVIVE));
  EXPECT_THAT(old->bodies, IsEmpty());
  EXPECT_FALSE(old->closed);
}

TEST_F(FrameworkDriverLeaders, IgnoresALeaderThatWasReplaced) {
  start();
  auto now = open_idle({1, 5});
  turn_to(now);
  answer_subscribe();
  sent();
  auto old = open_idle({1, 4});
  say(old.number, true, {1, 4});
  lose_session();
  auto again = open_idle({1, 3});
  EXPECT_THAT(old.end->bodies, IsEmpty());
  EXPECT_THAT(again.end->bodies, IsEmpty());
  say(again.number, true, {1, 6});
  turn_to(again);
  EXPECT_THAT(sent(), ElementsAre(Call::SUBSCRIBE));
}

// It was made anew, at the same address.
TEST_F(FrameworkDriverLeaders, AnotherClustersEpochsBeginAnew) {
  start();
  auto before = open_idle({1, 5}, "c1");
  turn_to(before);
  answer_subscribe();
  lose_session();
  EXPECT_THAT(open_idle({1, 1}, "c1").end->bodies, IsEmpty());
  number_ = sessions_;
  lose_session();
  auto anew = open_idle({1, 1}, "c2");
  turn_to(anew);
  EXPECT_THAT(sent(), ElementsAre(Call::SUBSCRIBE));
}

TEST_F(FrameworkDriverLeaders, SubscribesAgainAtALeaderThatComesBack) {
  start();
  subscribe();
  say(number_, false);
  // It waits, as for a session.
  tell(driver_, calls::revive());
  settle();
  EXPECT_THAT(sent(), IsEmpty());
  say(number_, true, {1, 100});
  EXPECT_THAT(sent(), ElementsAre(Call::SUBSCRIBE));
  answer_subscribe();
  EXPECT_THAT(sent(), ElementsAre(Call::REVIVE));
}

// The SUBSCRIBE was dropped: the master had just stepped down.
TEST_F(FrameworkDriverLeaders, DoesNotWaitForAnAnswerOfWhoDoesNotLead) {
  start();
  open_session();
  say(number_, false);
  advance(driver_limits{}.subscribe_timeout + 1s);
  EXPECT_FALSE(session_->closed);
}

TEST_F(FrameworkDriverLeaders,
       AMasterThatIsDownDoesNotMatterWhileAnotherIsReached) {
  driver_options options;
  options.give_up_after = 5s;
  start(options);
  open_session();
  for (int times = 0; times < 10; ++times) {
    tell(driver_, dial_failed{"host:1", fail(errc::unreachable, "no"), 1s});
    advance(1s);
  }
  EXPECT_FALSE(end_);
}

TEST_F(FrameworkDriverLeaders, GivesUpIfNoMasterIsReached) {
  driver_options options;
  options.give_up_after = 5s;
  start(options);
  for (int times = 0; times < 6; ++times) {
    EXPECT_FALSE(end_);
    tell(driver_, dial_failed{"host:1", fail(errc::unreachable, "no"), 1s});
    tell(driver_, dial_failed{"host:2", fail(errc::unreachable, "no"), 1s});
    advance(1s);
  }
  ASSERT_TRUE(end_);
  EXPECT_EQ(code_of(*end_), errc::unreachable);
}

TEST_F(FrameworkDriverLeaders, GivesUpIfNoMasterLeads) {
  driver_options options;
  options.give_up_after = 5s;
  start(options);
  open_idle();
  open_idle();
  advance(4s);
  EXPECT_FALSE(end_);
  advance(2s);
  ASSERT_TRUE(end_);
  EXPECT_EQ(code_of(*end_), errc::unreachable);
  EXPECT_THAT(describe(*end_), testing::HasSubstr("none leads: no quorum?"));
}

TEST_F(FrameworkDriverLeaders, OnceSubscribedItWaitsForALeaderAsLongAsItTakes) {
  driver_options options;
  options.give_up_after = 5s;
  start(options);
  subscribe();
  say(number_, false);
  advance(1h);
  EXPECT_FALSE(end_);
}

TEST_F(FrameworkDriverLeaders, SaysOnceWhatKeepsItWaiting) {
  test::captured_log log;
  start();
  for (int times = 0; times < 5; ++times)
    tell(driver_, dial_failed{"host:1", fail(errc::unreachable, "no"), 1s});
  settle();
  EXPECT_EQ(log.count("[warning] master not reached"), 1u);
  open_idle();
  advance(leader_choice::leaderless_patience - 1s);
  EXPECT_EQ(log.count("[warning] masters are reached, but none leads"), 0u);
  advance(1h);
  EXPECT_EQ(log.count("[warning] masters are reached, but none leads"), 1u);
}

} // namespace
} // namespace agora
