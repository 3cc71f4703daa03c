// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/scheduler/task_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace agora {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const task_watch::time_point watch_start{1h};

v1::TaskStatus status_of(const std::string& task, v1::TaskState state) {
  v1::TaskStatus status;
  status.mutable_task_id()->set_value(task);
  status.set_state(state);
  return status;
}

std::vector<std::string> asked(const std::vector<v1::scheduler::Call>& calls) {
  std::vector<std::string> names;
  for (auto& call : calls)
    for (auto& task : call.reconcile().tasks())
      names.push_back(task.task_id().value());
  return names;
}

task_watch watching(std::vector<std::string> tasks, driver_limits limits = {}) {
  task_watch watch{limits};
  for (auto& task : tasks)
    watch.launched(task_id{task}, agent_id{"a1"});
  return watch;
}

TEST(TaskWatch, AsksForNothingBeforeASubscription) {
  auto watch = watching({"t1"});
  EXPECT_THAT(asked(watch.take_calls(watch_start)), IsEmpty());
  EXPECT_FALSE(watch.next_wakeup());
}

TEST(TaskWatch, NamesTaskAndAgent) {
  auto watch = watching({"t1"});
  watch.begin(watch_start);
  auto calls = watch.take_calls(watch_start);
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].reconcile().tasks(0).task_id().value(), "t1");
  EXPECT_EQ(calls[0].reconcile().tasks(0).agent_id().value(), "a1");
}

TEST(TaskWatch, AsksAgainWithDoublingPausesUntilAnswered) {
  driver_limits limits;
  limits.reconcile_first = 1s;
  limits.reconcile_last = 3s;
  auto watch = watching({"t1", "t2"}, limits);
  watch.begin(watch_start);
  EXPECT_THAT(asked(watch.take_calls(watch_start)), ElementsAre("t1", "t2"));
  EXPECT_EQ(watch.next_wakeup(), watch_start + 1s);
  EXPECT_THAT(asked(watch.take_calls(watch_start + 999ms)), IsEmpty());
  watch.updated(status_of("t1", v1::TASK_RUNNING));
  EXPECT_THAT(asked(watch.take_calls(watch_start + 1s)), ElementsAre("t2"));
  EXPECT_EQ(watch.next_wakeup(), watch_start + 3s);
  EXPECT_THAT(asked(watch.take_calls(watch_start + 3s)), ElementsAre("t2"));
  EXPECT_EQ(watch.next_wakeup(), watch_start + 6s);
  EXPECT_THAT(asked(watch.take_calls(watch_start + 6s)), ElementsAre("t2"));
  EXPECT_EQ(watch.next_wakeup(), watch_start + 9s);
  watch.updated(status_of("t2", v1::TASK_UNREACHABLE));
  EXPECT_FALSE(watch.next_wakeup());
  EXPECT_THAT(asked(watch.take_calls(watch_start + 1h)), IsEmpty());
}

TEST(TaskWatch, EndedAndUnknownTasksAreForgotten) {
  auto watch = watching({"t1", "t2", "t3"});
  watch.updated(status_of("t1", v1::TASK_FINISHED));
  watch.updated(status_of("t2", v1::TASK_UNKNOWN));
  watch.updated(status_of("t3", v1::TASK_UNREACHABLE));
  EXPECT_EQ(watch.size(), 1u);
}

TEST(TaskWatch, LearnsTasksFromUpdates) {
  task_watch watch{{}};
  watch.updated(status_of("t1", v1::TASK_RUNNING));
  watch.begin(watch_start);
  EXPECT_THAT(asked(watch.take_calls(watch_start)), ElementsAre("t1"));
}

TEST(TaskWatch, SilentTasksDoNotHoldUpTheNextRound) {
  driver_limits limits;
  limits.reconcile_round = 2;
  limits.reconcile_call = 1;
  auto watch = watching({"t1", "t2", "t3", "t4", "t5"}, limits);
  watch.begin(watch_start);
  auto calls = watch.take_calls(watch_start);
  EXPECT_EQ(calls.size(), 2u);
  EXPECT_THAT(asked(calls), ElementsAre("t1", "t2"));
  watch.updated(status_of("t1", v1::TASK_RUNNING));
  EXPECT_THAT(asked(watch.take_calls(watch_start)), IsEmpty());
  EXPECT_THAT(asked(watch.take_calls(watch_start + 1s)),
              ElementsAre("t3", "t4"));
  watch.updated(status_of("t3", v1::TASK_RUNNING));
  watch.updated(status_of("t4", v1::TASK_RUNNING));
  // All of that round have answered: the next need not wait.
  EXPECT_THAT(asked(watch.take_calls(watch_start + 1s)), ElementsAre("t5"));
  watch.updated(status_of("t5", v1::TASK_RUNNING));
  // The pass is over: those that are left wait for the backoff.
  EXPECT_THAT(asked(watch.take_calls(watch_start + 1s)), IsEmpty());
  EXPECT_EQ(watch.next_wakeup(), watch_start + 2s);
  EXPECT_THAT(asked(watch.take_calls(watch_start + 2s)), ElementsAre("t2"));
}

TEST(TaskWatch, ALostSubscriptionEndsTheQuestions) {
  auto watch = watching({"t1"});
  watch.begin(watch_start);
  watch.stop();
  EXPECT_FALSE(watch.next_wakeup());
  EXPECT_THAT(asked(watch.take_calls(watch_start)), IsEmpty());
  watch.begin(watch_start + 1s);
  EXPECT_THAT(asked(watch.take_calls(watch_start + 1s)), ElementsAre("t1"));
}

TEST(TaskWatch, WatchesNoMoreThanItsLimit) {
  driver_limits limits;
  limits.watched_tasks = 2;
  auto watch = watching({"t1", "t2", "t3"}, limits);
  EXPECT_EQ(watch.size(), 2u);
}

} // namespace
} // namespace agora
