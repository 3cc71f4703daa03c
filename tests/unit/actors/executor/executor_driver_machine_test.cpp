// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/executor/executor_driver_actor.hpp"
#include "actors/executor/executor_driver_machine.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace agora {
namespace {

using namespace std::chrono_literals;
using v1::executor::Call;
using v1::executor::Event;

class ExecutorDriverMachineTest : public ::testing::Test {
protected:
  Call update(const std::string& task) {
    Call call;
    call.set_type(Call::UPDATE);
    auto news = call.mutable_update()->mutable_status();
    news->mutable_task_id()->set_value(task);
    news->set_state(v1::TASK_RUNNING);
    EXPECT_TRUE(machine_.call(call, wall_));
    return call;
  }

  static Event launch(const std::string& task) {
    Event event;
    event.set_type(Event::LAUNCH);
    event.mutable_launch()->mutable_task()->mutable_task_id()->set_value(task);
    return event;
  }

  static Event plain(Event::Type type) {
    Event event;
    event.set_type(type);
    return event;
  }

  executor_driver_machine::time_point now_{};
  wall_time wall_{std::chrono::seconds{1000}};
  executor_driver_machine machine_{
    {framework_id{"f"}, executor_id{"e"}, 900s, 5s, 3}, "r", now_};
};

TEST_F(ExecutorDriverMachineTest, SubscribesWithWhatIsNotAcknowledged) {
  machine_.session_up();
  machine_.event(plain(Event::SUBSCRIBED), now_);
  EXPECT_TRUE(machine_.event(launch("t1"), now_));
  EXPECT_TRUE(machine_.event(launch("t2"), now_));
  EXPECT_FALSE(machine_.event(launch("t2"), now_)) << "it has it already";
  auto first = update("t1");
  update("t2");
  Event acknowledged;
  acknowledged.set_type(Event::ACKNOWLEDGED);
  acknowledged.mutable_acknowledged()->mutable_task_id()->set_value("t1");
  acknowledged.mutable_acknowledged()->set_uuid(first.update().status().uuid());
  machine_.event(acknowledged, now_);
  machine_.session_lost(now_);
  auto again = machine_.session_up();
  EXPECT_EQ(again.type(), Call::SUBSCRIBE);
  EXPECT_EQ(again.framework_id().value(), "f");
  ASSERT_EQ(again.subscribe().unacknowledged_updates_size(), 1);
  EXPECT_EQ(
    again.subscribe().unacknowledged_updates(0).status().task_id().value(),
    "t2");
  ASSERT_EQ(again.subscribe().unacknowledged_tasks_size(), 1);
}

// Neither in the SUBSCRIBE nor behind it, it would wait for the next session.
TEST_F(ExecutorDriverMachineTest, AnUpdateBehindASubscribeIsSentAtOnce) {
  auto is_sent = [this] {
    Call call;
    call.set_type(Call::UPDATE);
    auto& news = *call.mutable_update()->mutable_status();
    news.mutable_task_id()->set_value("t");
    news.set_state(v1::TASK_FINISHED);
    return *machine_.call(call, wall_);
  };
  EXPECT_FALSE(is_sent()) << "nobody is there";
  machine_.session_up();
  EXPECT_TRUE(is_sent());
  machine_.session_lost(now_);
  EXPECT_FALSE(is_sent()) << "it waits for the next SUBSCRIBE";
}

TEST_F(ExecutorDriverMachineTest, UpdatesAreCompletedAndTheirTimeNeverFalls) {
  auto first = update("t").update().status();
  wall_ -= 500s;
  auto second = update("t").update().status();
  EXPECT_NE(first.uuid(), second.uuid());
  EXPECT_EQ(first.uuid().size(), 16u);
  EXPECT_GE(second.timestamp(), first.timestamp());
}

TEST_F(ExecutorDriverMachineTest, RefusesNonsenseAndTooMuch) {
  Call call;
  call.set_type(Call::SUBSCRIBE);
  EXPECT_EQ(code_of(machine_.call(call, wall_).error()),
            errc::invalid_argument);
  call.set_type(Call::UPDATE);
  EXPECT_EQ(code_of(machine_.call(call, wall_).error()),
            errc::invalid_argument);
  update("t");
  update("t");
  auto third = update("t");
  EXPECT_EQ(code_of(machine_.call(third, wall_).error()), errc::limit_reached);
}

TEST_F(ExecutorDriverMachineTest, EndsWhenTheAgentIsAwayForTooLong) {
  EXPECT_FALSE(machine_.over(now_ + 899s));
  EXPECT_TRUE(machine_.over(now_ + 900s));
  machine_.session_up();
  EXPECT_FALSE(machine_.over(now_ + 2000s));
  machine_.session_lost(now_ + 2000s);
  EXPECT_FALSE(machine_.over(now_ + 2899s));
  EXPECT_TRUE(machine_.over(now_ + 2900s));
}

TEST_F(ExecutorDriverMachineTest, EndsAfterShutdown) {
  machine_.session_up();
  EXPECT_TRUE(machine_.event(plain(Event::SHUTDOWN), now_));
  EXPECT_FALSE(machine_.over(now_ + 4s));
  EXPECT_TRUE(machine_.over(now_ + 5s));
}

TEST_F(ExecutorDriverMachineTest, EndedExecutorWaitsForItsAcknowledgements) {
  machine_.session_up();
  machine_.event(plain(Event::SUBSCRIBED), now_);
  auto last = update("t");
  machine_.executor_ended(now_);
  EXPECT_FALSE(machine_.over(now_));
  Event acknowledged;
  acknowledged.set_type(Event::ACKNOWLEDGED);
  acknowledged.mutable_acknowledged()->set_uuid(last.update().status().uuid());
  machine_.event(acknowledged, now_);
  EXPECT_TRUE(machine_.over(now_));
}

TEST(ExecutorOptionsTest, ReadsTheContractAndNamesWhatIsWrong) {
  std::map<std::string, std::string> environment{
    {"AGORA_AGENT", "127.0.0.1:7051"},
    {"AGORA_FRAMEWORK_ID", "f"},
    {"AGORA_EXECUTOR_ID", "e"},
    {"MESOS_RECOVERY_TIMEOUT", "900secs"},
    {"MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", "2.5secs"},
  };
  auto lookup = [&](const char* name) -> const char* {
    auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  };
  auto options = executor_options_from(lookup);
  ASSERT_TRUE(options);
  EXPECT_EQ(options->agent.port, 7051);
  EXPECT_EQ(options->settings.recovery, 900s);
  EXPECT_EQ(options->settings.shutdown_grace, 2500ms);
  environment["MESOS_RECOVERY_TIMEOUT"] = "soon";
  auto wrong = executor_options_from(lookup);
  ASSERT_FALSE(wrong);
  EXPECT_NE(text_of(wrong.error()).find("MESOS_RECOVERY_TIMEOUT"),
            std::string::npos);
  environment.erase("AGORA_AGENT");
  EXPECT_FALSE(executor_options_from(lookup));
}

} // namespace
} // namespace agora
