// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/allocator/decline_filters.hpp"
#include "tests/unit/actors/allocator/planning_fixture.hpp"

namespace agora {
namespace {

using test::bundle;
using namespace std::chrono_literals;
using pair = decline_filters::pair;
using pairs = std::vector<pair>;

constexpr pair here{1, 1};
const auto start = decline_filters::time_point{};

TEST(DeclineFiltersTest, RefusesUpToItsAmountUntilItsEnd) {
  decline_filters filters;
  filters.add(here, bundle(4, 4), start + 5s);
  EXPECT_TRUE(filters.find(here, bundle(4, 4)));
  EXPECT_TRUE(filters.find(here, bundle(1, 4)));
  EXPECT_FALSE(filters.find(here, bundle(5, 1)));
  EXPECT_FALSE(filters.find({1, 2}, bundle(1, 1)));
  EXPECT_FALSE(filters.find({2, 1}, bundle(1, 1)));
  EXPECT_EQ(filters.next_end(), start + 5s);
  EXPECT_EQ(filters.expire(start + 5s - 1ns), pairs{});
  EXPECT_EQ(filters.expire(start + 5s), pairs{here});
  EXPECT_FALSE(filters.find(here, bundle(1, 1)));
  EXPECT_FALSE(filters.next_end());
}

TEST(DeclineFiltersTest, AShortOneForMoreDoesNotEndALongOneForLess) {
  decline_filters filters;
  filters.add(here, bundle(2), start + 1h);
  filters.add(here, bundle(4), start + 5s);
  filters.expire(start + 5s);
  EXPECT_TRUE(filters.find(here, bundle(2)));
  EXPECT_FALSE(filters.find(here, bundle(3)));
}

TEST(DeclineFiltersTest, TheOneThatSaysMoreReplacesTheOther) {
  decline_filters filters;
  filters.add(here, bundle(2), start + 5s);
  filters.add(here, bundle(4), start + 6s);
  EXPECT_EQ(filters.size(), 1u);
  filters.add(here, bundle(3), start + 6s);
  EXPECT_EQ(filters.size(), 1u);
  EXPECT_EQ(filters.find(here, bundle(2))->end, start + 6s);
}

TEST(DeclineFiltersTest, ThePairsOldestGoesBeyondTheLimit) {
  decline_filters filters;
  auto limit = static_cast<int>(allocation_limits::filters_per_pair);
  for (int i = 0; i < limit; ++i) // each for more, and for a shorter time
    EXPECT_FALSE(filters.add(here, bundle(i + 1), start + 1h - i * 1s));
  EXPECT_EQ(filters.add(here, bundle(limit + 1), start + 5s), here);
  EXPECT_EQ(filters.size(), allocation_limits::filters_per_pair);
  EXPECT_EQ(filters.find(here, bundle(1))->end, start + 1h - 1s);
}

TEST(DeclineFiltersTest, TheClientsOldestGoesBeyondTheLimit) {
  decline_filters filters{2};
  EXPECT_FALSE(filters.add({1, 1}, bundle(1), start + 1h));
  EXPECT_FALSE(filters.add({2, 1}, bundle(1), start + 1h));
  EXPECT_FALSE(filters.add({1, 2}, bundle(1), start + 1h));
  EXPECT_EQ(filters.add({3, 1}, bundle(1), start + 1h), (pair{1, 1}));
  EXPECT_FALSE(filters.find({1, 1}, bundle(1)));
  EXPECT_TRUE(filters.find({1, 2}, bundle(1)));
}

TEST(DeclineFiltersTest, ClearsAClientOrAnAgent) {
  decline_filters filters;
  for (uint32_t agent = 1; agent < 4; ++agent)
    for (uint32_t client = 1; client < 4; ++client)
      filters.add({agent, client}, bundle(1), start + 1s);
  filters.clear_client(2);
  EXPECT_EQ(filters.size(), 6u);
  EXPECT_FALSE(filters.find({1, 2}, bundle(1)));
  filters.clear_agent(1);
  EXPECT_EQ(filters.size(), 4u);
  EXPECT_FALSE(filters.find({1, 3}, bundle(1)));
  EXPECT_TRUE(filters.find({2, 3}, bundle(1)));
  EXPECT_EQ(filters.expire(start + 1s).size(), 4u);
}

TEST(DeclineFiltersTest, TellsWhoIsNotFiltered) {
  decline_filters filters;
  filters.add({1, 2}, bundle(2), start + 1s);
  filters.add({1, 4}, bundle(4), start + 1s);
  filters.add({1, 7}, bundle(4), start + 1s);
  using clients = std::vector<client_number>;
  EXPECT_EQ(filters.unfiltered(1, bundle(2), {1, 2, 3, 4, 5}),
            (clients{1, 3, 5}));
  EXPECT_EQ(filters.unfiltered(1, bundle(3), {2, 4}), clients{2});
  EXPECT_EQ(filters.unfiltered(2, bundle(1), {2, 4}), (clients{2, 4}));
}

} // namespace
} // namespace agora
