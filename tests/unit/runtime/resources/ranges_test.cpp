// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/ranges.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace agora {
namespace {

constexpr auto largest = std::numeric_limits<uint64_t>::max();

ranges make(std::vector<interval> list) {
  auto made = ranges::from_intervals(std::move(list));
  EXPECT_TRUE(made) << describe(made.error());
  return made ? *made : ranges{};
}

std::string refusal(std::vector<interval> list) {
  auto made = ranges::from_intervals(std::move(list));
  return made ? "" : describe(made.error());
}

TEST(Ranges, SortsAndMergesWhatTouches) {
  EXPECT_EQ(to_string(make({{7, 9}, {1, 3}, {4, 5}})), "[1-5,7-9]");
  EXPECT_EQ(make({{1, 2}, {3, 4}}), make({{1, 4}}));
}

TEST(Ranges, RefusesInvertedAndOverlapping) {
  EXPECT_EQ(refusal({{5, 4}}),
            "invalid_resources: the range 5-4 ends before it begins");
  EXPECT_EQ(refusal({{8, 20}, {1, 8}}),
            "invalid_resources: the ranges 1-8 and 8-20 overlap");
  EXPECT_EQ(refusal({{1, 100}, {5, 6}}),
            "invalid_resources: the ranges 1-100 and 5-6 overlap");
}

TEST(Ranges, FromOverlappingMergesButStillRefusesInverted) {
  auto made = ranges::from_overlapping({{5, 9}, {1, 6}, {2, 3}});
  ASSERT_TRUE(made);
  EXPECT_EQ(to_string(*made), "[1-9]");
  EXPECT_FALSE(ranges::from_overlapping({{2, 1}}));
}

TEST(Ranges, HasALimitOnIntervals) {
  std::vector<interval> list;
  for (uint64_t i = 0; i < ranges::intervals_limit; ++i)
    list.push_back({3 * i, 3 * i});
  EXPECT_EQ(refusal(list), "");
  list.push_back({largest, largest});
  EXPECT_EQ(refusal(list), "invalid_resources: more than 4096 ranges");
}

TEST(Ranges, TheLargestNumbersDoNotWrap) {
  auto all = make({{0, largest}});
  EXPECT_EQ(all.count(), largest);
  EXPECT_TRUE(all.contains(largest));
  EXPECT_EQ(make({{0, 4}, {5, largest}}), all);
  auto top = make({{largest, largest}});
  EXPECT_EQ(top.count(), 1u);
  EXPECT_EQ(to_string(all.without(top)),
            "[0-" + std::to_string(largest - 1) + "]");
  EXPECT_EQ(all.without(top).united(top), all);
  EXPECT_TRUE(all.without(all).empty());
  EXPECT_EQ(all.united(top), all);
  EXPECT_EQ(top.united(make({{0, 0}})).count(), 2u);
}

TEST(Ranges, WithoutCutsAllShapes) {
  auto base = make({{10, 20}, {30, 40}});
  EXPECT_EQ(to_string(base.without(make({{15, 15}}))), "[10-14,16-20,30-40]");
  EXPECT_EQ(to_string(base.without(make({{15, 35}}))), "[10-14,36-40]");
  EXPECT_EQ(to_string(base.without(make({{0, 10}, {20, 30}, {40, 99}}))),
            "[11-19,31-39]");
  EXPECT_EQ(to_string(base.without(make({{0, 99}}))), "[]");
  EXPECT_EQ(base.without(make({{21, 29}})), base);
}

TEST(Ranges, ContainsNeedsOneIntervalForEach) {
  auto base = make({{10, 20}, {30, 40}});
  EXPECT_TRUE(base.contains(make({{10, 12}, {14, 20}, {40, 40}})));
  EXPECT_FALSE(base.contains(make({{20, 30}})));
  EXPECT_FALSE(base.contains(make({{9, 10}})));
  EXPECT_TRUE(base.contains(ranges{}));
  EXPECT_TRUE(base.contains(30));
  EXPECT_FALSE(base.contains(25));
  EXPECT_FALSE(base.contains(9));
}

} // namespace
} // namespace agora
