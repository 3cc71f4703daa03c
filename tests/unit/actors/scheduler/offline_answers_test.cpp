// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/scheduler/offline_answers.hpp"
#include "actors/scheduler/scheduler_calls.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

using v1::scheduler::Event;

v1::TaskInfo task(const std::string& id) {
  v1::TaskInfo info;
  info.mutable_task_id()->set_value(id);
  info.mutable_agent_id()->set_value("a1");
  return info;
}

TEST(OfflineAnswers, EachTaskIsDropped) {
  auto group = calls::launch_group({}, {task("t2"), task("t3")});
  auto call = calls::accept({}, {calls::launch({task("t1")}), group});
  auto events = refuse_offline(call.accept(), true);
  ASSERT_EQ(events.size(), 3u);
  for (auto& event : events) {
    EXPECT_EQ(event.type(), Event::UPDATE);
    auto& status = event.update().status();
    EXPECT_EQ(status.state(), v1::TASK_DROPPED);
    EXPECT_EQ(status.reason(), v1::TaskStatus::REASON_MASTER_DISCONNECTED);
    EXPECT_EQ(status.source(), v1::TaskStatus::SOURCE_MASTER);
    EXPECT_EQ(status.agent_id().value(), "a1");
    EXPECT_FALSE(status.has_uuid());
  }
  EXPECT_EQ(events[2].update().status().task_id().value(), "t3");
}

TEST(OfflineAnswers, FrameworksUnawareOfPartitionsReadLost) {
  auto call = calls::accept({}, {calls::launch({task("t1")})});
  auto events = refuse_offline(call.accept(), false);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].update().status().state(), v1::TASK_LOST);
}

TEST(OfflineAnswers, OperationsAreAnsweredIfTheyHaveAnId) {
  v1::Offer::Operation reserve;
  reserve.set_type(v1::Offer::Operation::RESERVE);
  auto named = reserve;
  named.mutable_id()->set_value("op1");
  auto events
    = refuse_offline(calls::accept({}, {reserve, named}).accept(), true);
  ASSERT_EQ(events.size(), 1u);
  auto& status = events[0].update_operation_status().status();
  EXPECT_EQ(status.operation_id().value(), "op1");
  EXPECT_EQ(status.state(), v1::OPERATION_DROPPED);
}

} // namespace
} // namespace agora
