// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/batch/job_table.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

using namespace std::chrono_literals;
using change = job_table::change;
using phase = job_table::phase;

const job_table::time_point start{1h};

job_table table_of(size_t count, unsigned retries = 0) {
  std::vector<job> jobs;
  for (size_t i = 0; i < count; ++i) {
    auto& next = jobs.emplace_back();
    next.name = "j" + std::to_string(i);
    next.command = "true";
    next.retries = retries;
  }
  return job_table{std::move(jobs)};
}

v1::TaskStatus status_of(const task_id& task, v1::TaskState state) {
  v1::TaskStatus status;
  status.mutable_task_id()->set_value(task.text());
  status.set_state(state);
  return status;
}

TEST(JobTable, AJobRunsAndEnds) {
  auto table = table_of(2);
  auto task = table.launched(0, {}, start);
  EXPECT_EQ(table.totals().active, 1u);
  EXPECT_EQ(table.waiting(), std::set<size_t>{1});
  EXPECT_EQ(table.updated(status_of(task, v1::TASK_STARTING), start),
            change::none);
  EXPECT_EQ(table.updated(status_of(task, v1::TASK_RUNNING), start),
            change::started);
  EXPECT_EQ(table.updated(status_of(task, v1::TASK_RUNNING), start),
            change::none);
  EXPECT_EQ(table.totals().running, 1u);
  EXPECT_EQ(table.updated(status_of(task, v1::TASK_FINISHED), start + 1s),
            change::done);
  EXPECT_EQ(table.at(0).state, phase::done);
  EXPECT_EQ(table.totals().running, 0u);
  EXPECT_FALSE(table.all_ended());
}

TEST(JobTable, RepeatedAndForeignUpdatesChangeNothing) {
  auto table = table_of(1);
  auto task = table.launched(0, {}, start);
  table.updated(status_of(task, v1::TASK_FINISHED), start);
  EXPECT_EQ(table.updated(status_of(task, v1::TASK_FINISHED), start),
            change::none);
  EXPECT_EQ(table.updated(status_of(task_id{"x"}, v1::TASK_FAILED), start),
            change::none);
  EXPECT_EQ(table.totals().done, 1u);
  EXPECT_TRUE(table.all_ended());
}

TEST(JobTable, AFailedJobIsTriedAgainUnderAnotherId) {
  auto table = table_of(1, 1);
  auto first = table.launched(0, {}, start);
  EXPECT_EQ(table.updated(status_of(first, v1::TASK_FAILED), start),
            change::retry);
  auto second = table.launched(0, {}, start);
  EXPECT_NE(first, second);
  EXPECT_EQ(table.updated(status_of(first, v1::TASK_FINISHED), start),
            change::none)
    << "an update of the first attempt came late";
  EXPECT_EQ(table.updated(status_of(second, v1::TASK_FAILED), start),
            change::failed);
  EXPECT_EQ(table.at(0).attempts, 2u);
  EXPECT_TRUE(table.all_ended());
}

TEST(JobTable, AnInvalidTaskIsNotTriedAgain) {
  auto table = table_of(1, 5);
  auto task = table.launched(0, {}, start);
  EXPECT_EQ(table.updated(status_of(task, v1::TASK_ERROR), start),
            change::failed);
}

// Its agent had confirmed it, and has lost it: it may have run.
TEST(JobTable, ATaskThatItsAgentHasForgottenIsAnAttempt) {
  auto table = table_of(1);
  auto task = table.launched(0, {}, start);
  auto dropped = status_of(task, v1::TASK_DROPPED);
  dropped.set_reason(v1::TaskStatus::REASON_RECONCILIATION);
  EXPECT_EQ(table.updated(dropped, start), change::failed);
}

TEST(JobTable, ADroppedTaskIsNoAttempt) {
  auto table = table_of(1);
  for (auto i = 0u; i < job_table::drops_limit; ++i) {
    auto task = table.launched(0, {}, start);
    ASSERT_EQ(table.updated(status_of(task, v1::TASK_DROPPED), start),
              change::retry);
    EXPECT_EQ(table.at(0).attempts, 0u);
  }
  auto task = table.launched(0, {}, start);
  EXPECT_EQ(table.updated(status_of(task, v1::TASK_DROPPED), start),
            change::failed)
    << "there is a limit";
}

TEST(JobTable, GivingUpFailsWhatWaitsAndRetriesNothing) {
  auto table = table_of(2, 5);
  auto task = table.launched(0, {}, start);
  table.give_up("interrupted", start);
  EXPECT_EQ(table.at(1).state, phase::failed);
  EXPECT_EQ(table.updated(status_of(task, v1::TASK_KILLED), start),
            change::failed);
  EXPECT_TRUE(table.all_ended());
}

} // namespace
} // namespace agora
