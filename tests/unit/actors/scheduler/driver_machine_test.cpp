// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/scheduler/driver_machine.hpp"
#include "actors/scheduler/scheduler_calls.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace agora {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using v1::scheduler::Call;
using v1::scheduler::Event;

const driver_machine::time_point start{1h};

Event subscribed_as(const std::string& id) {
  Event event;
  event.set_type(Event::SUBSCRIBED);
  event.mutable_subscribed()->mutable_framework_id()->set_value(id);
  return event;
}

v1::Offer offer(const std::string& id) {
  v1::Offer offer;
  offer.mutable_id()->set_value(id);
  offer.mutable_agent_id()->set_value("a1");
  return offer;
}

Event offers(std::vector<std::string> ids) {
  Event event;
  event.set_type(Event::OFFERS);
  for (auto& id : ids)
    *event.mutable_offers()->add_offers() = offer(id);
  return event;
}

Event update(const std::string& task, v1::TaskState state,
             const std::string& uuid = "") {
  Event event;
  event.set_type(Event::UPDATE);
  auto& status = *event.mutable_update()->mutable_status();
  status.mutable_task_id()->set_value(task);
  status.mutable_agent_id()->set_value("a1");
  status.set_state(state);
  if (!uuid.empty())
    status.set_uuid(uuid);
  return event;
}

v1::TaskID id(const std::string& task) {
  v1::TaskID result;
  result.set_value(task);
  return result;
}

class DriverMachine : public testing::Test {
protected:
  driver_options options_ = [] {
    driver_options options;
    options.info.set_name("test");
    options.info.set_user("nobody");
    return options;
  }();

  void partition_aware() {
    options_.info.add_capabilities()->set_type(
      v1::FrameworkInfo::Capability::PARTITION_AWARE);
  }

  driver_machine& machine() {
    if (!machine_)
      machine_.emplace(options_);
    return *machine_;
  }

  /// Types of the calls that are ready; the calls are kept in calls_.
  std::vector<Call::Type> calls() {
    calls_ = machine().take_calls();
    std::vector<Call::Type> types;
    for (auto& call : calls_)
      types.push_back(call.type());
    return types;
  }

  std::vector<Event::Type> events() {
    events_ = machine().take_events();
    std::vector<Event::Type> types;
    for (auto& event : events_)
      types.push_back(event.type());
    return types;
  }

  void subscribe() {
    machine().session_up(start);
    machine().receive(subscribed_as("f1"), start);
    calls();
    events();
  }

  std::optional<driver_machine> machine_;
  std::vector<Call> calls_;
  std::vector<Event> events_;
};

TEST_F(DriverMachine, FirstSubscriptionHasNoIdAndAWeekOfFailover) {
  machine().session_up(start);
  ASSERT_THAT(calls(), ElementsAre(Call::SUBSCRIBE));
  EXPECT_FALSE(calls_[0].has_framework_id());
  EXPECT_FALSE(calls_[0].subscribe().framework_info().has_id());
  EXPECT_EQ(calls_[0].subscribe().framework_info().failover_timeout(),
            7 * 24 * 3600.0);
  machine().receive(subscribed_as("f1"), start);
  EXPECT_THAT(events(), ElementsAre(Event::SUBSCRIBED));
  EXPECT_TRUE(machine().subscribed());
  EXPECT_EQ(machine().id(), framework_id{"f1"});
}

TEST_F(DriverMachine, AGivenFailoverTimeoutIsKept) {
  options_.info.set_failover_timeout(0);
  machine().session_up(start);
  calls();
  EXPECT_EQ(calls_[0].subscribe().framework_info().failover_timeout(), 0);
}

TEST_F(DriverMachine, SubscribesAgainWithItsId) {
  subscribe();
  machine().session_down(start);
  machine().session_up(start + 1s);
  ASSERT_THAT(calls(), ElementsAre(Call::SUBSCRIBE));
  EXPECT_EQ(calls_[0].framework_id().value(), "f1");
  EXPECT_EQ(calls_[0].subscribe().framework_info().id().value(), "f1");
}

TEST_F(DriverMachine, AnotherIdThanItsOwnEndsIt) {
  options_.info.mutable_id()->set_value("f9");
  machine().session_up(start);
  machine().receive(subscribed_as("f1"), start);
  EXPECT_TRUE(machine().ended());
  EXPECT_EQ(code_of(machine().end_reason()), errc::conflict);
}

TEST_F(DriverMachine, SilentMasterIsLeftForTheNext) {
  machine().session_up(start);
  EXPECT_EQ(machine().next_wakeup(), start + 30s);
  machine().tick(start + 30s);
  auto close = machine().take_close();
  ASSERT_TRUE(close);
  EXPECT_EQ(code_of(*close), errc::timeout);
  EXPECT_FALSE(machine().take_close());
}

TEST_F(DriverMachine, EventsBeforeTheSubscriptionAreIgnored) {
  machine().receive(offers({"o1"}), start);
  machine().receive(subscribed_as("f1"), start);
  EXPECT_THAT(events(), IsEmpty());
  machine().session_up(start);
  machine().receive(update("t1", v1::TASK_RUNNING, "u"), start);
  EXPECT_THAT(events(), IsEmpty());
}

TEST_F(DriverMachine, HeartbeatsAndUnknownEventsAreNotForwarded) {
  subscribe();
  Event heartbeat;
  heartbeat.set_type(Event::HEARTBEAT);
  machine().receive(heartbeat, start);
  machine().receive(Event{}, start);
  EXPECT_THAT(events(), IsEmpty());
}

TEST_F(DriverMachine, UpdatesWithAUuidAreAcknowledged) {
  subscribe();
  auto acknowledgement
    = machine().acknowledgement_of(update("t1", v1::TASK_RUNNING, "u1"));
  ASSERT_TRUE(acknowledgement);
  machine().acknowledge(*acknowledgement);
  ASSERT_THAT(calls(), ElementsAre(Call::ACKNOWLEDGE));
  EXPECT_EQ(calls_[0].framework_id().value(), "f1");
  EXPECT_EQ(calls_[0].acknowledge().uuid(), "u1");
  EXPECT_EQ(calls_[0].acknowledge().task_id().value(), "t1");
  EXPECT_EQ(calls_[0].acknowledge().agent_id().value(), "a1");
  EXPECT_FALSE(machine().acknowledgement_of(update("t1", v1::TASK_RUNNING)));
  EXPECT_FALSE(machine().acknowledgement_of(offers({"o1"})));
}

TEST_F(DriverMachine, ExplicitModeAcknowledgesNothing) {
  options_.explicit_acknowledgements = true;
  EXPECT_FALSE(
    machine().acknowledgement_of(update("t1", v1::TASK_RUNNING, "u1")));
}

TEST_F(DriverMachine, OffersOfALostSessionAreRescinded) {
  subscribe();
  machine().receive(offers({"o1", "o2", "o3", "o4"}), start);
  machine().call(calls::accept(offer("o1"), {}), start);
  machine().call(calls::decline(offer("o2")), start);
  Event rescind;
  rescind.set_type(Event::RESCIND);
  rescind.mutable_rescind()->mutable_offer_id()->set_value("o3");
  machine().receive(rescind, start);
  events();
  machine().session_down(start);
  ASSERT_THAT(events(), ElementsAre(Event::RESCIND));
  EXPECT_EQ(events_[0].rescind().offer_id().value(), "o4");
}

TEST_F(DriverMachine, AcceptWhileDisconnectedDropsTheTasks) {
  partition_aware();
  subscribe();
  machine().session_down(start);
  auto task = calls::shell_task(offer("o1"), "t1", "true", 1, 32);
  EXPECT_FALSE(machine().call(calls::accept(offer("o1"), {task}), start));
  ASSERT_THAT(events(), ElementsAre(Event::UPDATE));
  EXPECT_EQ(events_[0].update().status().state(), v1::TASK_DROPPED);
  EXPECT_EQ(machine().watch().size(), 0u);
  machine().session_up(start);
  EXPECT_THAT(calls(), ElementsAre(Call::SUBSCRIBE));
}

TEST_F(DriverMachine, AcceptThatTheSessionDidNotTakeAnyMoreDropsTheTasks) {
  subscribe();
  auto task = calls::shell_task(offer("o1"), "t1", "true", 1, 32);
  machine().call(calls::accept(offer("o1"), {task}), start);
  EXPECT_EQ(machine().watch().size(), 1u);
  machine().session_down(start);
  ASSERT_THAT(events(), ElementsAre(Event::UPDATE));
  EXPECT_EQ(events_[0].update().status().state(), v1::TASK_LOST);
  EXPECT_EQ(machine().watch().size(), 0u);
}

TEST_F(DriverMachine, DeclineWhileDisconnectedDoesNothing) {
  subscribe();
  machine().session_down(start);
  EXPECT_FALSE(machine().call(calls::decline(offer("o1")), start));
  EXPECT_THAT(events(), IsEmpty());
  machine().session_up(start);
  EXPECT_THAT(calls(), ElementsAre(Call::SUBSCRIBE));
}

TEST_F(DriverMachine, OtherCallsWaitForTheSubscription) {
  subscribe();
  machine().session_down(start);
  EXPECT_FALSE(machine().call(calls::kill(id("t1")), start));
  EXPECT_FALSE(machine().call(calls::reconcile(), start));
  machine().session_up(start);
  EXPECT_THAT(calls(), ElementsAre(Call::SUBSCRIBE));
  machine().receive(subscribed_as("f1"), start);
  EXPECT_THAT(calls(), ElementsAre(Call::KILL, Call::RECONCILE));
  EXPECT_EQ(calls_[0].framework_id().value(), "f1");
}

TEST_F(DriverMachine, WaitingCallsAreBounded) {
  options_.limits.queued_calls = 2;
  subscribe();
  machine().session_down(start);
  EXPECT_FALSE(machine().call(calls::kill(id("t1")), start));
  machine().acknowledge(
    calls::acknowledge(update("t2", v1::TASK_RUNNING, "u").update().status()));
  EXPECT_EQ(code_of(machine().call(calls::kill(id("t3")), start)),
            errc::limit_reached);
  // Dropped: the update comes again.
  machine().acknowledge(
    calls::acknowledge(update("t2", v1::TASK_RUNNING, "u").update().status()));
  machine().session_up(start);
  machine().receive(subscribed_as("f1"), start);
  EXPECT_THAT(calls(),
              ElementsAre(Call::SUBSCRIBE, Call::KILL, Call::ACKNOWLEDGE));
}

TEST_F(DriverMachine, SuppressionIsPartOfEverySubscription) {
  subscribe();
  machine().call(calls::suppress(), start);
  EXPECT_THAT(calls(), ElementsAre(Call::SUPPRESS));
  machine().session_down(start);
  machine().session_up(start);
  calls();
  EXPECT_THAT(calls_[0].subscribe().suppressed_roles(), ElementsAre("*"));
  machine().receive(subscribed_as("f1"), start);
  machine().call(calls::revive(), start);
  EXPECT_THAT(calls(), ElementsAre(Call::REVIVE));
  machine().session_down(start);
  machine().session_up(start);
  calls();
  EXPECT_THAT(calls_[0].subscribe().suppressed_roles(), IsEmpty());
}

TEST_F(DriverMachine, ReviveWhileDisconnectedIsSentOnce) {
  options_.info.add_capabilities()->set_type(
    v1::FrameworkInfo::Capability::MULTI_ROLE);
  options_.info.add_roles("a");
  options_.info.add_roles("b");
  subscribe();
  machine().call(calls::suppress({"a", "b"}), start);
  machine().session_down(start);
  machine().call(calls::revive({"b"}), start);
  machine().call(calls::revive({"b"}), start);
  machine().session_up(start);
  calls();
  EXPECT_THAT(calls_[0].subscribe().suppressed_roles(), ElementsAre("a"));
  machine().receive(subscribed_as("f1"), start);
  ASSERT_THAT(calls(), ElementsAre(Call::REVIVE));
  EXPECT_THAT(calls_[0].revive().roles(), ElementsAre("b"));
}

TEST_F(DriverMachine, SuppressBeforeTheFirstSubscriptionIsRemembered) {
  EXPECT_FALSE(machine().call(calls::suppress(), start));
  machine().session_up(start);
  calls();
  EXPECT_THAT(calls_[0].subscribe().suppressed_roles(), ElementsAre("*"));
}

TEST_F(DriverMachine, ReconcilesItsTasksAfterEachSubscription) {
  subscribe();
  auto task = calls::shell_task(offer("o1"), "t1", "true", 1, 32);
  machine().call(calls::accept(offer("o1"), {task}), start);
  machine().receive(update("t2", v1::TASK_RUNNING), start);
  calls();
  machine().session_down(start);
  machine().session_up(start);
  calls();
  machine().receive(subscribed_as("f1"), start);
  ASSERT_THAT(calls(), ElementsAre(Call::RECONCILE));
  EXPECT_EQ(calls_[0].reconcile().tasks_size(), 2);
  machine().receive(update("t1", v1::TASK_RUNNING), start);
  machine().tick(start + 1s);
  ASSERT_THAT(calls(), ElementsAre(Call::RECONCILE));
  EXPECT_EQ(calls_[0].reconcile().tasks_size(), 1);
  machine().receive(update("t2", v1::TASK_FINISHED), start + 1s);
  EXPECT_FALSE(machine().next_wakeup());
}

TEST_F(DriverMachine, ErrorEndsItWithTheReason) {
  subscribe();
  Event error;
  error.set_type(Event::ERROR);
  error.mutable_error()->set_message("a newer scheduler took over");
  machine().receive(error, start);
  EXPECT_THAT(events(), ElementsAre(Event::ERROR));
  EXPECT_TRUE(machine().ended());
  EXPECT_THAT(text_of(machine().end_reason()),
              testing::HasSubstr("a newer scheduler took over"));
  EXPECT_EQ(code_of(machine().call(calls::revive(), start)),
            errc::shutting_down);
}

TEST_F(DriverMachine, TeardownIsSentUntilItIsConfirmed) {
  subscribe();
  EXPECT_FALSE(machine().call(calls::teardown(), start));
  EXPECT_THAT(calls(), ElementsAre(Call::TEARDOWN));
  EXPECT_FALSE(machine().ended());
  machine().session_down(start);
  machine().session_up(start + 1s);
  EXPECT_THAT(calls(), ElementsAre(Call::SUBSCRIBE));
  machine().receive(subscribed_as("f1"), start + 1s);
  EXPECT_THAT(calls(), ElementsAre(Call::TEARDOWN));
  machine().session_down(start + 2s);
  machine().session_up(start + 3s);
  Event error;
  error.set_type(Event::ERROR);
  machine().receive(error, start + 3s);
  EXPECT_TRUE(machine().ended());
  EXPECT_FALSE(machine().end_reason());
}

TEST_F(DriverMachine, TeardownGivesUpInTime) {
  subscribe();
  machine().call(calls::teardown(), start);
  EXPECT_EQ(machine().next_wakeup(), start + 10s);
  machine().tick(start + 10s);
  EXPECT_TRUE(machine().ended());
  EXPECT_EQ(code_of(machine().end_reason()), errc::timeout);
}

TEST_F(DriverMachine, TeardownOfNothingEndsAtOnce) {
  machine().call(calls::teardown(), start);
  EXPECT_TRUE(machine().ended());
  EXPECT_FALSE(machine().end_reason());
}

TEST_F(DriverMachine, BadCallsAreRefusedAndChangeNothing) {
  subscribe();
  Call subscribe_call;
  subscribe_call.set_type(Call::SUBSCRIBE);
  Call hollow;
  hollow.set_type(Call::KILL);
  auto incomplete = calls::kill({});
  for (auto& bad : {Call{}, subscribe_call, hollow, incomplete})
    EXPECT_EQ(code_of(machine().call(bad, start)), errc::invalid_argument)
      << bad.ShortDebugString();
  options_.limits.call_bytes = 100;
  driver_machine small{options_};
  EXPECT_EQ(
    code_of(small.call(calls::message({}, {}, std::string(101, 'x')), start)),
    errc::too_large);
  EXPECT_THAT(calls(), IsEmpty());
  EXPECT_THAT(events(), IsEmpty());
}

TEST_F(DriverMachine, CallsBeforeAnySubscriptionAreRefused) {
  EXPECT_EQ(code_of(machine().call(calls::kill(id("t1")), start)),
            errc::not_found);
}

TEST_F(DriverMachine, GivesUpOnlyIfToldToAndOnlyBeforeTheFirstSubscription) {
  machine().dial_failed(fail(errc::unreachable, "no"), start);
  machine().dial_failed(fail(errc::unreachable, "no"), start + 24h);
  EXPECT_FALSE(machine().ended());
  options_.give_up_after = 5s;
  driver_machine impatient{options_};
  impatient.dial_failed(fail(errc::unreachable, "no"), start);
  EXPECT_FALSE(impatient.ended());
  impatient.dial_failed(fail(errc::unreachable, "no"), start + 5s);
  EXPECT_TRUE(impatient.ended());
  EXPECT_EQ(code_of(impatient.end_reason()), errc::unreachable);
}

TEST_F(DriverMachine, GivesUpIfMastersAreReachedAndNoneLeads) {
  options_.give_up_after = 5s;
  driver_machine impatient{options_};
  impatient.leaderless(1, start);
  impatient.leaderless(2, start + 1s);
  EXPECT_EQ(impatient.next_wakeup(), start + 5s);
  impatient.tick(start + 5s - 1ms);
  EXPECT_FALSE(impatient.ended());
  impatient.tick(start + 5s);
  EXPECT_TRUE(impatient.ended());
  EXPECT_EQ(code_of(impatient.end_reason()), errc::unreachable);
}

TEST_F(DriverMachine, WaitsOnIfALeaderIsFound) {
  options_.give_up_after = 5s;
  driver_machine impatient{options_};
  impatient.leaderless(1, start);
  impatient.session_up(start + 1s);
  impatient.leaderless(0, start + 1s);
  impatient.tick(start + 6s);
  EXPECT_FALSE(impatient.ended());
}

// Being reached at times does not make a leader.
TEST_F(DriverMachine, SessionsWithoutALeaderDoNotStartTheWaitAnew) {
  options_.give_up_after = 5s;
  driver_machine impatient{options_};
  impatient.dial_failed(fail(errc::unreachable, "no"), start);
  impatient.leaderless(1, start + 2s);
  impatient.leaderless(0, start + 3s);
  EXPECT_FALSE(impatient.next_wakeup());
  impatient.dial_failed(fail(errc::unreachable, "no"), start + 5s);
  EXPECT_TRUE(impatient.ended());
}

TEST_F(DriverMachine, UpdateFrameworkIsPartOfTheNextSubscription) {
  subscribe();
  machine().session_down(start);
  Call call;
  call.set_type(Call::UPDATE_FRAMEWORK);
  auto& info = *call.mutable_update_framework()->mutable_framework_info();
  info.set_name("renamed");
  info.set_user("nobody");
  EXPECT_FALSE(machine().call(call, start));
  machine().session_up(start);
  ASSERT_THAT(calls(), ElementsAre(Call::SUBSCRIBE));
  EXPECT_EQ(calls_[0].subscribe().framework_info().name(), "renamed");
  EXPECT_EQ(calls_[0].subscribe().framework_info().id().value(), "f1");
}

} // namespace
} // namespace agora
