// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/scheduler/framework_driver_actor.hpp"
#include "actors/scheduler/scheduler_calls.hpp"
#include "tests/support/deterministic_actors.hpp"
#include "tests/support/fake_session.hpp"

#include <caf/all.hpp>
#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

namespace agora {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using v1::scheduler::Call;
using v1::scheduler::Event;

/// A scheduler that does what the test tells it to.
struct scripted_scheduler {
  std::vector<Event> events;
  /// What the handler returns for the next events.
  status answer;
  /// Handlers do not return before the test says so.
  bool hold = false;
  std::vector<caf::response_promise> held;
  std::function<void(scheduler_actor::pointer, const Event&)> on_event;
};

using script = std::shared_ptr<scripted_scheduler>;

scheduler_actor::behavior_type run_script(scheduler_actor::pointer self,
                                          script what) {
  return {
    [self, what](const Event& event) -> caf::result<void> {
      if (event.type() == Event::UNKNOWN) { // From release().
        auto next = std::move(what->held.front());
        what->held.erase(what->held.begin());
        next.deliver(caf::unit);
        return caf::unit;
      }
      what->events.push_back(event);
      if (what->on_event)
        what->on_event(self, event);
      if (what->answer)
        return what->answer;
      if (!what->hold)
        return caf::unit;
      what->held.push_back(
        self->make_response_promise<caf::response_promise>());
      return what->held.back();
    },
  };
}

class FrameworkDriver : public test::deterministic_actors {
protected:
  using record = test::session_record<session::SchedulerToMaster>;

  void start(driver_options options = {}) {
    options.info.set_name("test");
    options.info.set_user("nobody");
    driver_ = spawn(
      framework_driver, std::move(options),
      [this](caf::actor_system&, const framework_driver_actor&) {
        return scheduler_ = spawn(run_script, script_);
      },
      connect_function{});
    auto watcher = spawn([this](caf::event_based_actor* self) -> caf::behavior {
      self->monitor(driver_);
      self->set_down_handler([this](const caf::down_msg& down) {
        end_ = down.reason;
      });
      return {[](int) {}};
    });
    settle();
  }

  void open_session() {
    session_ = std::make_shared<record>();
    auto end = spawn(test::fake_session<session::SchedulerToMaster>, session_);
    session_up up;
    up.number = ++number_;
    tell(driver_, std::move(up), end);
    settle();
  }

  void lose_session() {
    tell(driver_, session_down{number_, fail(errc::session_lost, "gone")});
    settle();
  }

  void subscribe() {
    open_session();
    Event event;
    event.set_type(Event::SUBSCRIBED);
    event.mutable_subscribed()->mutable_framework_id()->set_value("f1");
    from_master({event});
    sent();
  }

  void from_master(const std::vector<Event>& events) {
    session::MasterToScheduler body;
    for (auto& event : events)
      *body.add_events() = event;
    tell(driver_, number_, std::move(body));
    settle();
  }

  /// Types of the calls that reached the session; clears them.
  std::vector<Call::Type> sent() {
    calls_.clear();
    std::vector<Call::Type> types;
    for (auto& body : session_->bodies)
      for (auto& call : body.calls()) {
        calls_.push_back(call);
        types.push_back(call.type());
      }
    session_->bodies.clear();
    return types;
  }

  /// Lets the oldest handler that is held return.
  void release() {
    tell(scheduler_, Event{});
    settle();
  }

  void TearDown() override {
    scheduler_ = nullptr;
    script_->held.clear();
    script_->on_event = nullptr;
    driver_ = nullptr;
    deterministic_actors::TearDown();
  }

  script script_ = std::make_shared<scripted_scheduler>();
  std::shared_ptr<record> session_;
  framework_driver_actor driver_;
  scheduler_actor scheduler_;
  session_number number_ = 0;
  std::vector<Call> calls_;
  std::optional<caf::error> end_;
};

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

v1::Offer offer(const std::string& id) {
  v1::Offer offer;
  offer.mutable_id()->set_value(id);
  offer.mutable_agent_id()->set_value("a1");
  return offer;
}

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
