// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/batch/batch_planner.hpp"
#include "actors/scheduler/scheduler_calls.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace agora {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

v1::Offer offer(const std::string& id, double cpus, double mem) {
  v1::Offer offer;
  offer.mutable_id()->set_value(id);
  *offer.add_resources() = calls::scalar("cpus", cpus);
  *offer.add_resources() = calls::scalar("mem", mem);
  return offer;
}

job_table table_of(const std::vector<job_size>& sizes) {
  std::vector<job> jobs;
  for (auto& size : sizes) {
    auto& next = jobs.emplace_back();
    next.name = "j" + std::to_string(jobs.size());
    next.command = "true";
    next.size = size;
  }
  return job_table{std::move(jobs)};
}

TEST(BatchPlanner, FillsOffersInTheListsOrder) {
  auto table = table_of({{1000, 1000}, {1000, 1000}, {1000, 1000}});
  auto plans = plan_batch({offer("o1", 2, 64), offer("o2", 2, 64)}, table, 0);
  ASSERT_EQ(plans.size(), 2u);
  EXPECT_THAT(plans[0].jobs, ElementsAre(0, 1));
  EXPECT_THAT(plans[1].jobs, ElementsAre(2));
}

TEST(BatchPlanner, PacksExactly) {
  // Ten tenths are one: not so with doubles.
  auto table = table_of(std::vector<job_size>(11, {100, 1000}));
  auto plans = plan_batch({offer("o1", 1, 64)}, table, 0);
  EXPECT_EQ(plans[0].jobs.size(), 10u);
}

TEST(BatchPlanner, SmallJobsPassALargeOne) {
  auto table = table_of({{9000, 1000}, {1000, 1000}});
  auto plans = plan_batch({offer("o1", 2, 64)}, table, 0);
  EXPECT_THAT(plans[0].jobs, ElementsAre(1));
}

TEST(BatchPlanner, MemoryCountsToo) {
  auto table = table_of({{100, 65'000}, {100, 1000}});
  auto plans = plan_batch({offer("o1", 2, 64)}, table, 0);
  EXPECT_THAT(plans[0].jobs, ElementsAre(1));
}

TEST(BatchPlanner, ParallelismCountsActiveJobs) {
  auto table = table_of(std::vector<job_size>(5, {100, 1000}));
  table.launched(0, {}, {});
  auto plans = plan_batch({offer("o1", 9, 99)}, table, 3);
  EXPECT_THAT(plans[0].jobs, ElementsAre(1, 2));
  table.launched(1, {}, {});
  table.launched(2, {}, {});
  plans = plan_batch({offer("o1", 9, 99)}, table, 3);
  EXPECT_THAT(plans[0].jobs, IsEmpty());
}

TEST(BatchPlanner, LooksPastALimitedNumberOfJobs) {
  std::vector<job_size> sizes(planner_lookahead, {9000, 1000});
  sizes.push_back({100, 1000});
  auto plans = plan_batch({offer("o1", 2, 64)}, table_of(sizes), 0);
  EXPECT_THAT(plans[0].jobs, IsEmpty());
}

TEST(BatchPlanner, OffersOfOtherThingsGetNothing) {
  v1::Offer empty;
  empty.mutable_id()->set_value("o1");
  auto plans = plan_batch({empty}, table_of({{100, 1000}}), 0);
  ASSERT_EQ(plans.size(), 1u);
  EXPECT_THAT(plans[0].jobs, IsEmpty());
}

} // namespace
} // namespace agora
