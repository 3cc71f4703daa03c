// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/batch/run_scheduler_actor.hpp"
#include "tests/support/scheduler_fixture.hpp"

#include <gmock/gmock.h>

namespace agora {
namespace {

using testing::ElementsAre;
using v1::scheduler::Call;

class RunScheduler : public test::scheduler_fixture {
protected:
  void start() {
    options_.command = {"printf", "hello"};
    options_.quiet = true;
    auto into = [](std::string& text) {
      return [&text](std::string_view data) {
        text += data;
        return status{};
      };
    };
    auto reader = [this](caf::actor_system&, const caf::strong_actor_ptr&) {
      return spawn(test::fake_sandbox_reader, files_);
    };
    scheduler_is(
      spawn(run_scheduler, driver_, options_, run_sinks{into(out_), into(err_)},
            std::function<sandbox_reader_actor(
              caf::actor_system&, const caf::strong_actor_ptr&)>{reader},
            outcome_));
    send_subscribed();
  }

  run_options options_;
  std::map<std::string, std::string> files_{{"run-f1.1/stdout", "hello"},
                                            {"run-f1.1/stderr", "oops"}};
  std::string out_;
  std::string err_;
  std::shared_ptr<run_outcome> outcome_ = std::make_shared<run_outcome>();
};

TEST_F(RunScheduler, RunsOneTaskAndCopiesItsOutput) {
  start();
  send_offers({make_offer("o1", 0.01, 1), make_offer("o2", 1, 100),
               make_offer("o3", 1, 100)});
  ASSERT_THAT(take_calls(),
              ElementsAre(Call::ACCEPT, Call::SUPPRESS, Call::DECLINE));
  auto tasks = launched();
  ASSERT_EQ(tasks.size(), 1u);
  EXPECT_FALSE(tasks[0].command().shell());
  EXPECT_EQ(tasks[0].command().value(), "printf");
  EXPECT_THAT(tasks[0].command().arguments(), ElementsAre("printf", "hello"));
  send_update("run-f1.1", v1::TASK_RUNNING);
  EXPECT_EQ(out_, "hello");
  EXPECT_EQ(err_, "oops");
  EXPECT_FALSE(end_);
  send_update("run-f1.1", v1::TASK_FINISHED);
  EXPECT_THAT(take_calls(), ElementsAre(Call::TEARDOWN));
  ASSERT_TRUE(end_);
  EXPECT_EQ(outcome_->status.state(), v1::TASK_FINISHED);
  EXPECT_EQ(out_, "hello") << "copied once";
}

TEST_F(RunScheduler, AnInterruptKillsTheTask) {
  start();
  send_offers({make_offer("o1", 1, 100)});
  send_update("run-f1.1", v1::TASK_RUNNING);
  take_calls();
  tell(caf::actor_cast<run_actor>(scheduler_), caf::close_atom::value);
  settle();
  EXPECT_THAT(take_calls(), ElementsAre(Call::KILL));
  send_update("run-f1.1", v1::TASK_KILLED, "terminated by signal SIGTERM");
  ASSERT_TRUE(end_);
}

TEST_F(RunScheduler, AnInterruptBeforeTheLaunchEndsItAtOnce) {
  start();
  tell(caf::actor_cast<run_actor>(scheduler_), caf::close_atom::value);
  settle();
  EXPECT_THAT(take_calls(), ElementsAre(Call::TEARDOWN));
  EXPECT_TRUE(end_);
}

TEST_F(RunScheduler, AnOfferThatWasGoneIsNoEnd) {
  start();
  send_offers({make_offer("o1", 1, 100)});
  take_calls();
  event_type event;
  event.set_type(event_type::UPDATE);
  auto& status = *event.mutable_update()->mutable_status();
  status.mutable_task_id()->set_value("run-f1.1");
  status.set_state(v1::TASK_LOST);
  status.set_reason(v1::TaskStatus::REASON_INVALID_OFFERS);
  send(event);
  EXPECT_THAT(take_calls(), ElementsAre(Call::REVIVE));
  send_offers({make_offer("o2", 1, 100)});
  take_calls();
  ASSERT_EQ(launched().size(), 1u);
  EXPECT_EQ(launched()[0].task_id().value(), "run-f1.2");
}

} // namespace
} // namespace agora
