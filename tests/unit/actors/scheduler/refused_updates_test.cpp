// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// What the master refused must not be part of the next subscription.
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

const driver_machine::time_point subscription_time{1h};

/// A framework that has subscribed, as user nobody.
class RefusedUpdates : public testing::Test {
protected:
  void SetUp() override {
    machine_.session_up(subscription_time);
    subscribed();
  }

  static v1::FrameworkInfo make_info() {
    v1::FrameworkInfo info;
    info.set_name("test");
    info.set_user("nobody");
    return info;
  }

  static driver_options make_options() {
    driver_options options;
    options.info = make_info();
    return options;
  }

  void subscribed() {
    Event event;
    event.set_type(Event::SUBSCRIBED);
    event.mutable_subscribed()->mutable_framework_id()->set_value("f1");
    machine_.receive(event, subscription_time);
  }

  /// Sends an UPDATE_FRAMEWORK and returns which call of the session it was.
  uint64_t update_framework(const std::string& user,
                            const std::vector<std::string>& suppressed = {}) {
    Call call;
    call.set_type(Call::UPDATE_FRAMEWORK);
    auto& update = *call.mutable_update_framework();
    *update.mutable_framework_info() = make_info();
    update.mutable_framework_info()->set_user(user);
    update.mutable_suppressed_roles()->Assign(suppressed.begin(),
                                              suppressed.end());
    EXPECT_FALSE(machine_.call(call, subscription_time));
    return ++sent_;
  }

  void refuse(uint64_t number) {
    session::CallRefused refused;
    refused.set_type(Call::UPDATE_FRAMEWORK);
    refused.set_call(number);
    machine_.refused(refused);
  }

  /// What the next session's SUBSCRIBE says.
  Call::Subscribe next_subscription() {
    machine_.take_calls();
    machine_.session_down(subscription_time);
    machine_.session_up(subscription_time);
    sent_ = 1;
    return machine_.take_calls().at(0).subscribe();
  }

  driver_machine machine_{make_options()};
  /// Calls of this session.
  uint64_t sent_ = 1;
};

TEST_F(RefusedUpdates, AnUpdateIsPartOfTheNextSubscription) {
  update_framework("u1");
  EXPECT_EQ(next_subscription().framework_info().user(), "u1");
}

TEST_F(RefusedUpdates, ARefusedUpdateIsNot) {
  auto update = update_framework("u1", {"*"});
  refuse(update);
  auto next = next_subscription();
  EXPECT_EQ(next.framework_info().user(), "nobody");
  EXPECT_THAT(next.suppressed_roles(), IsEmpty());
}

TEST_F(RefusedUpdates, OfSeveralUpdatesTheNewestThatIsNotRefusedCounts) {
  auto first = update_framework("u1");
  auto second = update_framework("u2");
  auto third = update_framework("u3");
  refuse(first);
  refuse(third);
  EXPECT_EQ(next_subscription().framework_info().user(), "u2");
  subscribed();
  refuse(second); // Of the session before.
  EXPECT_EQ(next_subscription().framework_info().user(), "u2");
}

TEST_F(RefusedUpdates, WhatWasSuppressedAfterARefusedUpdateStaysSo) {
  auto update = update_framework("u1");
  machine_.call(calls::suppress(), subscription_time);
  refuse(update);
  auto next = next_subscription();
  EXPECT_EQ(next.framework_info().user(), "nobody");
  EXPECT_THAT(next.suppressed_roles(), ElementsAre("*"));
}

TEST_F(RefusedUpdates, ManyUpdatesAreNotKeptForEver) {
  auto first = update_framework("u0");
  for (int i = 1; i <= 16; ++i)
    update_framework("u" + std::to_string(i));
  refuse(first);
  EXPECT_EQ(next_subscription().framework_info().user(), "u16");
}

} // namespace
} // namespace agora
