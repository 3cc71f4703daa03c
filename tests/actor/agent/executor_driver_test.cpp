// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/executor/executor_driver_actor.hpp"
#include "tests/support/deterministic_actors.hpp"

#include <caf/all.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace agora {
namespace {

using namespace std::chrono_literals;
using v1::executor::Call;
using v1::executor::Event;

/// A driver between an executor and an agent that do what the test says.
class ExecutorDriverTest : public test::deterministic_actors {
protected:
  void SetUp() override {
    executor_driver_options with;
    with.settings.framework = framework_id{"f1"};
    with.settings.executor = executor_id{"e1"};
    with.settings.recovery = 100s;
    with.settings.shutdown_grace = 5s;
    with.clock = wall();
    with.on_over = [over = over_](const status& why) {
      *over = why;
    };
    executor_factory make = [this](const executor_driver_actor&) {
      executor_ = spawn([heard = heard_] {
        return executor_actor::behavior_type{[heard](const Event& event) {
          heard->push_back(event.type());
        }};
      });
      return executor_;
    };
    executor_connect connect
      = [this](const executor_driver_actor&, session::OpenSession introduce) {
          introduced_ = std::move(introduce);
          return spawn([] {
            return connector_actor::behavior_type{
              [](caf::tick_atom) {},
              [](const session::OpenSession&) {},
              [](caf::get_atom) {},
            };
          });
        };
    driver_ = spawn(executor_driver, with, make, connect);
    settle();
  }

  void open() {
    auto session = spawn([calls = calls_] {
      return session_actor::behavior_type{
        [](const session_frame&) {},
        [calls](const session_body& body) {
          session::ExecutorToAgent parsed;
          EXPECT_TRUE(parsed.ParseFromString(body.bytes));
          for (auto& call : parsed.calls())
            calls->push_back(call);
        },
        [](const session_close&) {},
        [](const session::SessionOpened&, const session_endpoint&) {},
        [](caf::tick_atom) {},
      };
    });
    session_up up;
    up.number = ++number_;
    up.kind = session::EXECUTOR;
    tell(driver_, up, session);
    settle();
  }

  void lose() {
    tell(driver_, session_down{number_, {}});
    settle();
  }

  void from_agent(Event event) {
    session::AgentToExecutor body;
    *body.add_events() = std::move(event);
    tell(driver_, number_, std::move(body));
    settle();
  }

  static Event event(Event::Type type) {
    Event made;
    made.set_type(type);
    return made;
  }

  static Event launch(const std::string& id) {
    auto made = event(Event::LAUNCH);
    made.mutable_launch()->mutable_task()->mutable_task_id()->set_value(id);
    return made;
  }

  void update(const std::string& task, v1::TaskState state) {
    Call call;
    call.set_type(Call::UPDATE);
    call.mutable_update()->mutable_status()->mutable_task_id()->set_value(task);
    call.mutable_update()->mutable_status()->set_state(state);
    tell(driver_, std::move(call));
    settle();
  }

  std::vector<Call> calls() {
    return std::exchange(*calls_, {});
  }

  session::OpenSession introduced_;
  executor_driver_actor driver_;
  executor_actor executor_;
  session_number number_ = 0;
  std::shared_ptr<std::vector<Event::Type>> heard_
    = std::make_shared<std::vector<Event::Type>>();
  std::shared_ptr<std::vector<Call>> calls_
    = std::make_shared<std::vector<Call>>();
  std::shared_ptr<std::optional<status>> over_
    = std::make_shared<std::optional<status>>();
};

TEST_F(ExecutorDriverTest, SubscribesAndHandsOnWhatTheAgentSays) {
  EXPECT_EQ(introduced_.kind(), session::EXECUTOR);
  open();
  auto sent = calls();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].type(), Call::SUBSCRIBE);
  EXPECT_EQ(sent[0].framework_id().value(), "f1");
  EXPECT_EQ(sent[0].executor_id().value(), "e1");
  from_agent(event(Event::SUBSCRIBED));
  from_agent(launch("t1"));
  EXPECT_EQ(*heard_, (std::vector{Event::SUBSCRIBED, Event::LAUNCH}));
  update("t1", v1::TASK_RUNNING);
  sent = calls();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].framework_id().value(), "f1");
  EXPECT_FALSE(sent[0].update().status().uuid().empty());
}

TEST_F(ExecutorDriverTest, KeepsUpdatesUntilTheAgentHasThem) {
  open();
  from_agent(event(Event::SUBSCRIBED));
  from_agent(launch("t1"));
  update("t1", v1::TASK_RUNNING);
  lose();
  update("t1", v1::TASK_FINISHED);
  calls();
  open();
  auto sent = calls();
  ASSERT_EQ(sent.size(), 1u);
  auto& owed = sent[0].subscribe().unacknowledged_updates();
  ASSERT_EQ(owed.size(), 2);
  EXPECT_EQ(owed[0].status().state(), v1::TASK_RUNNING);
  EXPECT_EQ(owed[1].status().state(), v1::TASK_FINISHED);
  from_agent(event(Event::SUBSCRIBED));
  for (auto& update : owed) {
    auto done = event(Event::ACKNOWLEDGED);
    *done.mutable_acknowledged()->mutable_task_id() = update.status().task_id();
    done.mutable_acknowledged()->set_uuid(update.status().uuid());
    from_agent(done);
  }
  lose();
  open();
  sent = calls();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].subscribe().unacknowledged_updates_size(), 0);
  EXPECT_EQ(sent[0].subscribe().unacknowledged_tasks_size(), 0);
}

TEST_F(ExecutorDriverTest, EndsWhenTheAgentStaysAway) {
  open();
  from_agent(event(Event::SUBSCRIBED));
  lose();
  advance(99s);
  EXPECT_FALSE(*over_);
  advance(1s);
  EXPECT_TRUE(*over_);
}

TEST_F(ExecutorDriverTest, AgentThatReturnsInTimeFindsTheExecutor) {
  open();
  from_agent(event(Event::SUBSCRIBED));
  lose();
  advance(99s);
  open();
  from_agent(event(Event::SUBSCRIBED));
  advance(1h);
  EXPECT_FALSE(*over_);
}

TEST_F(ExecutorDriverTest, ShutdownEndsItAfterItsGrace) {
  open();
  from_agent(event(Event::SUBSCRIBED));
  from_agent(launch("t1"));
  update("t1", v1::TASK_RUNNING);
  from_agent(event(Event::SHUTDOWN));
  EXPECT_EQ(heard_->back(), Event::SHUTDOWN);
  advance(4'999ms);
  EXPECT_FALSE(*over_);
  advance(1ms);
  ASSERT_TRUE(*over_);
  EXPECT_EQ(code_of(**over_), errc::timeout) << "an update was not heard of";
}

TEST_F(ExecutorDriverTest, EventsOfAnOldSessionAreIgnored) {
  open();
  from_agent(event(Event::SUBSCRIBED));
  auto old = number_;
  open();
  calls();
  session::AgentToExecutor body;
  *body.add_events() = launch("t1");
  tell(driver_, old, std::move(body));
  settle();
  EXPECT_EQ(*heard_, std::vector{Event::SUBSCRIBED});
}

} // namespace
} // namespace agora
