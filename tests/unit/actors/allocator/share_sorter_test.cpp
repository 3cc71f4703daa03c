// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/allocator/share_sorter.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

class ShareSorterTest : public ::testing::Test {
protected:
  scalar_sums sums(int64_t cpus, int64_t mem) {
    return names_.sums_of(resources::of_milli(cpus, mem));
  }

  client_number add(const std::string& framework, const std::string& role) {
    auto number = sorter_.add(framework_id{framework}, role);
    sorter_.set_competing(number, true);
    return number;
  }

  client_number first() {
    return sorter_
      .first([](client_number) {
        return true;
      })
      .value_or(0);
  }

  scalar_names names_;
  share_sorter sorter_;
};

TEST_F(ShareSorterTest, TheLowestDominantShareIsFirst) {
  sorter_.add_total(sums(9000, 18000));
  auto a = add("a", "*");
  auto b = add("b", "*");
  sorter_.allocate(a, sums(1000, 8000)); // 8/18 of mem
  sorter_.allocate(b, sums(3000, 1000)); // 3/9 of cpus
  EXPECT_EQ(first(), b);
  sorter_.allocate(b, sums(1001, 0)); // a little above 4/9
  EXPECT_EQ(first(), a);
  sorter_.release(b, sums(2, 0)); // a little below
  EXPECT_EQ(first(), b);
}

TEST_F(ShareSorterTest, SharesAreComparedExactly) {
  // Doubles cannot tell these apart.
  constexpr int64_t large = 900'000'000'000'000'000;
  sorter_.add_total(sums(large, 1));
  auto a = add("a", "*");
  auto b = add("b", "*");
  sorter_.allocate(a, sums(large / 3 + 1, 0));
  sorter_.allocate(b, sums(large / 3, 0));
  EXPECT_EQ(first(), b);
  sorter_.allocate(b, sums(2, 0));
  EXPECT_EQ(first(), a);
}

TEST_F(ShareSorterTest, RolesComeBeforeFrameworks) {
  sorter_.add_total(sums(10000, 10000));
  auto a = add("a", "one");
  auto b = add("b", "one");
  auto c = add("c", "two");
  sorter_.allocate(a, sums(2000, 0));
  sorter_.allocate(c, sums(1000, 0));
  EXPECT_EQ(first(), c); // b has nothing, but its role has more
  EXPECT_TRUE(sorter_.precedes(c, b));
  EXPECT_TRUE(sorter_.precedes(b, a));
}

TEST_F(ShareSorterTest, EqualSharesTakeTurnsThenGoByName) {
  auto b = add("b", "*");
  auto a = add("a", "*");
  EXPECT_EQ(first(), a);
  sorter_.had_turn(a);
  EXPECT_EQ(first(), b);
  sorter_.had_turn(b);
  EXPECT_EQ(first(), a);
}

TEST_F(ShareSorterTest, ANewTotalSortsAnew) {
  sorter_.add_total(sums(1000, 1000));
  auto a = add("a", "*");
  auto b = add("b", "*");
  sorter_.allocate(a, sums(100, 0));
  sorter_.allocate(b, sums(0, 200));
  EXPECT_EQ(first(), a);
  sorter_.add_total(sums(0, 9000)); // mem is plenty now
  EXPECT_EQ(first(), b);
  sorter_.remove_total(sums(0, 9000));
  EXPECT_EQ(first(), a);
}

TEST_F(ShareSorterTest, WhatDoesNotExistDoesNotCount) {
  sorter_.add_total(sums(1000, 0));
  auto a = add("a", "*");
  add("b", "*");
  sorter_.allocate(a, sums(0, 500));
  EXPECT_EQ(first(), a);
}

TEST_F(ShareSorterTest, OnlyCompetitorsAreFound) {
  auto a = add("a", "*");
  auto b = add("b", "*");
  sorter_.set_competing(a, false);
  EXPECT_EQ(first(), b);
  sorter_.remove(b);
  EXPECT_EQ(first(), 0u);
  EXPECT_EQ(sorter_.roles(), std::vector<std::string>{"*"});
}

TEST_F(ShareSorterTest, NamesBeyondTheLimitDoNotCountForAnybody) {
  for (int i = 0; i < 400; ++i) {
    auto one
      = resources::of("r" + std::to_string(i), scalar_amount::of_milli(1000));
    auto first_time = names_.sums_of(*one);
    auto counts = i < 253; // and cpus, mem, disk
    EXPECT_EQ(!first_time.empty(), counts) << i;
    EXPECT_EQ(!names_.sums_of(*one).empty(), counts) << i;
  }
}

} // namespace
} // namespace agora
