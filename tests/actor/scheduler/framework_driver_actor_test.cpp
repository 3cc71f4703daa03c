// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/actor/scheduler/framework_driver_fixture.hpp"

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

class FrameworkDriver : public test::framework_driver_fixture {};

// The subscription goes on, and so do the events of the same body.
TEST_F(FrameworkDriver, GoesOnAfterACallThatTheMasterRefuses) {
  start();
  subscribe();
  session::MasterToScheduler body;
  auto& refused = *body.add_refused();
  refused.set_type(Call::UPDATE_FRAMEWORK);
  refused.set_code("invalid_argument");
  refused.set_text("the test says so");
  tell(driver_, number_, std::move(body));
  settle();
  EXPECT_FALSE(end_);
  tell(driver_, calls::revive());
  settle();
  EXPECT_EQ(sent(), std::vector{Call::REVIVE});
}

TEST_F(FrameworkDriver, SubscribesOnEachSessionWithItsId) {
  start();
  open_session();
  EXPECT_THAT(sent(), ElementsAre(Call::SUBSCRIBE));
  lose_session();
  subscribe();
  lose_session();
  open_session();
  ASSERT_THAT(sent(), ElementsAre(Call::SUBSCRIBE));
  EXPECT_EQ(calls_[0].subscribe().framework_info().id().value(), "f1");
}

TEST_F(FrameworkDriver, AcknowledgesAfterTheHandlerHasReturned) {
  start();
  subscribe();
  script_->hold = true;
  from_master({update("t1", v1::TASK_RUNNING, "u1")});
  ASSERT_EQ(script_->events.size(), 2u);
  EXPECT_THAT(sent(), IsEmpty());
  release();
  ASSERT_THAT(sent(), ElementsAre(Call::ACKNOWLEDGE));
  EXPECT_EQ(calls_[0].acknowledge().uuid(), "u1");
}

// CAF looks through all open requests for each answer.
TEST_F(FrameworkDriver, HandsOverAFewEventsAtOnceAndAllInOrder) {
  driver_options options;
  options.limits.handed_events = 3;
  start(options);
  subscribe();
  script_->events.clear();
  script_->hold = true;
  std::vector<Event> events;
  for (int i = 0; i < 8; ++i)
    events.push_back(update("t" + std::to_string(i), v1::TASK_RUNNING));
  from_master(events);
  EXPECT_EQ(script_->events.size(), 3u);
  for (int i = 0; i < 8; ++i)
    release();
  ASSERT_EQ(script_->events.size(), 8u);
  for (size_t i = 0; i < 8; ++i)
    EXPECT_EQ(script_->events[i].update().status().task_id().value(),
              "t" + std::to_string(i));
}

TEST_F(FrameworkDriver, UpdatesWithoutAUuidAreNotAcknowledged) {
  start();
  subscribe();
  from_master({update("t1", v1::TASK_RUNNING)});
  EXPECT_EQ(script_->events.size(), 2u);
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(FrameworkDriver, AnUpdateThatTheHandlerRefusedIsNotAcknowledged) {
  start();
  subscribe();
  script_->answer = fail(errc::io_failed, "could not be stored");
  from_master({update("t1", v1::TASK_RUNNING, "u1")});
  EXPECT_THAT(sent(), IsEmpty());
  script_->answer = {};
  from_master({update("t1", v1::TASK_RUNNING, "u1")});
  EXPECT_THAT(sent(), ElementsAre(Call::ACKNOWLEDGE));
}

TEST_F(FrameworkDriver, AnUpdateThatTheHandlerDoesNotFinishIsNotAcknowledged) {
  start();
  subscribe();
  script_->hold = true;
  from_master({update("t1", v1::TASK_RUNNING, "u1")});
  advance(31s);
  release();
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(FrameworkDriver, ExplicitModeLeavesItToTheScheduler) {
  driver_options options;
  options.explicit_acknowledgements = true;
  start(options);
  subscribe();
  from_master({update("t1", v1::TASK_RUNNING, "u1")});
  EXPECT_THAT(sent(), IsEmpty());
  auto status = update("t1", v1::TASK_RUNNING, "u1").update().status();
  EXPECT_TRUE(ask<void>(driver_, calls::acknowledge(status)));
  EXPECT_THAT(sent(), ElementsAre(Call::ACKNOWLEDGE));
}

TEST_F(FrameworkDriver, ABodyIsConsumedWhenItsLastEventIsHandled) {
  start();
  subscribe();
  script_->hold = true;
  session::MasterToScheduler body;
  *body.add_events() = update("t1", v1::TASK_RUNNING);
  *body.add_events() = update("t2", v1::TASK_RUNNING);
  auto consumed = std::make_shared<bool>(false);
  auto driver = driver_;
  auto session = number_;
  spawn([=](caf::event_based_actor* self) -> caf::behavior {
    self->request(driver, 60s, session, body).then([=] {
      *consumed = true;
    });
    return {[](int) {}};
  });
  settle();
  ASSERT_EQ(script_->held.size(), 2u);
  release();
  EXPECT_FALSE(*consumed);
  release();
  EXPECT_TRUE(*consumed);
}

TEST_F(FrameworkDriver, CallsMadeTogetherTravelTogether) {
  start();
  subscribe();
  for (auto i = 0; i < 10; ++i)
    tell(driver_, calls::decline(offer("o" + std::to_string(i))));
  settle();
  EXPECT_EQ(session_->bodies.size(), 1u);
  EXPECT_EQ(sent().size(), 10u);
}

TEST_F(FrameworkDriver, ReconcilesUntilEveryTaskIsAnswered) {
  start();
  subscribe();
  from_master({update("t1", v1::TASK_RUNNING), update("t2", v1::TASK_RUNNING)});
  lose_session();
  subscribe();
  advance(1s);
  EXPECT_THAT(sent(), ElementsAre(Call::RECONCILE));
  EXPECT_EQ(calls_[0].reconcile().tasks_size(), 2);
  from_master({update("t1", v1::TASK_RUNNING)});
  advance(2s);
  ASSERT_THAT(sent(), ElementsAre(Call::RECONCILE));
  EXPECT_EQ(calls_[0].reconcile().tasks(0).task_id().value(), "t2");
  from_master({update("t2", v1::TASK_LOST)});
  advance(1h);
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(FrameworkDriver, AcceptWhileDisconnectedIsAnsweredWithDroppedTasks) {
  start();
  subscribe();
  lose_session();
  auto task = calls::shell_task(offer("o1"), "t1", "true", 1, 32);
  EXPECT_TRUE(ask<void>(driver_, calls::accept(offer("o1"), {task})));
  ASSERT_EQ(script_->events.size(), 2u);
  EXPECT_EQ(script_->events[1].update().status().state(), v1::TASK_LOST);
}

TEST_F(FrameworkDriver, AFullQueueRefusesFurtherCalls) {
  driver_options options;
  options.limits.queued_calls = 1;
  start(options);
  subscribe();
  lose_session();
  v1::TaskID id;
  id.set_value("t1");
  EXPECT_TRUE(ask<void>(driver_, calls::kill(id)));
  EXPECT_EQ(code_of(ask<void>(driver_, calls::kill(id)).error()),
            errc::limit_reached);
  subscribe();
  EXPECT_THAT(sent(), IsEmpty()); // subscribe() took it.
}

TEST_F(FrameworkDriver, BodiesOfAnOlderSessionAreIgnored) {
  start();
  subscribe();
  auto old = number_;
  lose_session();
  subscribe();
  auto before = script_->events.size();
  session::MasterToScheduler body;
  *body.add_events() = update("t1", v1::TASK_RUNNING, "u");
  EXPECT_TRUE(ask<void>(driver_, old, std::move(body)));
  tell(driver_, session_down{old, fail(errc::session_lost, "late")});
  settle();
  EXPECT_EQ(script_->events.size(), before);
  EXPECT_TRUE(ask<void>(driver_, calls::revive()));
  EXPECT_THAT(sent(), ElementsAre(Call::REVIVE));
}

TEST_F(FrameworkDriver, ErrorReachesTheSchedulerAndEndsBoth) {
  start();
  subscribe();
  Event error;
  error.set_type(Event::ERROR);
  error.mutable_error()->set_message("a newer scheduler took over");
  from_master({error});
  EXPECT_EQ(script_->events.back().type(), Event::ERROR);
  ASSERT_TRUE(end_);
  EXPECT_EQ(code_of(*end_), errc::conflict);
}

TEST_F(FrameworkDriver, ASilentMasterIsLeft) {
  start();
  open_session();
  advance(29s);
  EXPECT_FALSE(session_->closed);
  advance(1s);
  ASSERT_TRUE(session_->closed);
  EXPECT_EQ(code_of(*session_->closed), errc::timeout);
}

TEST_F(FrameworkDriver, ASchedulerThatQuitsEndsTheDriver) {
  script_->on_event = [](scheduler_actor::pointer self, const Event&) {
    self->quit(fail(errc::io_failed, "no disk"));
  };
  start();
  subscribe();
  ASSERT_TRUE(end_);
  EXPECT_EQ(code_of(*end_), errc::io_failed);
}

TEST_F(FrameworkDriver, TeardownBeforeQuittingIsWaitedFor) {
  script_->on_event = [this](scheduler_actor::pointer self, const Event&) {
    self->send(driver_, calls::teardown());
    self->quit();
  };
  start();
  open_session();
  Event event;
  event.set_type(Event::SUBSCRIBED);
  event.mutable_subscribed()->mutable_framework_id()->set_value("f1");
  from_master({event});
  EXPECT_THAT(sent(), ElementsAre(Call::SUBSCRIBE, Call::TEARDOWN));
  EXPECT_FALSE(end_);
  Event gone;
  gone.set_type(Event::ERROR);
  from_master({gone});
  ASSERT_TRUE(end_);
  EXPECT_EQ(*end_, caf::exit_reason::normal);
}

TEST_F(FrameworkDriver, LastCallsLeaveBeforeItDoes) {
  script_->on_event = [this](scheduler_actor::pointer self, const Event&) {
    self->send(driver_, calls::suppress());
    self->quit();
  };
  start();
  subscribe();
  settle();
  ASSERT_TRUE(end_);
  EXPECT_EQ(calls_.back().type(), Call::SUPPRESS);
}

TEST_F(FrameworkDriver, KeepsItsIdBeforeTheSchedulerKnowsIt) {
  std::vector<std::string> kept;
  driver_options options;
  options.keep_id = [&](const framework_id& id) -> status {
    EXPECT_THAT(script_->events, IsEmpty());
    kept.push_back(id.text());
    return {};
  };
  start(options);
  subscribe();
  EXPECT_THAT(kept, ElementsAre("f1"));
  EXPECT_EQ(script_->events.size(), 1u);
  // It does not change any more.
  lose_session();
  subscribe();
  EXPECT_THAT(kept, ElementsAre("f1"));
}

TEST_F(FrameworkDriver, AnIdThatCannotBeKeptEndsItBeforeAnythingBegins) {
  driver_options options;
  options.keep_id = [](const framework_id&) {
    return fail(errc::io_failed, "read-only");
  };
  start(options);
  subscribe();
  ASSERT_TRUE(end_);
  EXPECT_EQ(code_of(*end_), errc::io_failed);
  EXPECT_THAT(script_->events, IsEmpty());
}

TEST_F(FrameworkDriver, ForgetsTheIdWhenItsTeardownIsConfirmed) {
  std::vector<std::string> kept;
  driver_options options;
  options.info.mutable_id()->set_value("f1");
  options.keep_id = [&](const framework_id& id) -> status {
    kept.push_back(id.text());
    return {};
  };
  start(options);
  subscribe();
  tell(driver_, calls::teardown());
  settle();
  EXPECT_THAT(kept, IsEmpty()) << "the master may not have heard of it";
  Event gone;
  gone.set_type(Event::ERROR);
  from_master({gone});
  ASSERT_TRUE(end_);
  EXPECT_THAT(kept, ElementsAre(""));
}

TEST_F(FrameworkDriver, KeepsTheIdWhenTheMasterEndsTheSubscription) {
  driver_options options;
  options.info.mutable_id()->set_value("f1");
  options.keep_id = [](const framework_id& id) -> status {
    ADD_FAILURE() << "told \"" << id.text() << '"';
    return {};
  };
  start(options);
  subscribe();
  Event gone;
  gone.set_type(Event::ERROR);
  from_master({gone});
  EXPECT_TRUE(end_);
}

} // namespace
} // namespace agora
