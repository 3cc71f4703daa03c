// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/ranges.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <set>

namespace agora {
namespace {

constexpr uint32_t ranges_seeds = 3000;

/// The slow reference: every number by itself.
using number_set = std::set<uint64_t>;

/// Few numbers, so that intervals touch, overlap and cover each other often;
/// half of the seeds put them at the end of what 64 bits hold.
class number_source {
public:
  explicit number_source(uint32_t seed)
    : rng_{seed},
      base_{seed % 2 ? std::numeric_limits<uint64_t>::max() - width + 1 : 0} {
  }

  interval any_interval() {
    auto first = base_ + rng_() % width;
    auto room = std::min<uint64_t>(base_ + (width - 1) - first, 6);
    return {first, first + rng_() % (room + 1)};
  }

  std::vector<interval> any_list() {
    std::vector<interval> list(rng_() % 8);
    std::generate(list.begin(), list.end(), [this] {
      return any_interval();
    });
    return list;
  }

private:
  static constexpr uint64_t width = 40;

  std::mt19937 rng_;
  uint64_t base_;
};

number_set numbers_of(const std::vector<interval>& list) {
  number_set set;
  for (auto& item : list)
    // An inverted interval has no numbers; the largest number ends the loop.
    for (auto n = item.first; n <= item.last; ++n) {
      set.insert(n);
      if (n == std::numeric_limits<uint64_t>::max())
        break;
    }
  return set;
}

template <class Algorithm>
number_set combine(Algorithm algorithm, const number_set& lhs,
                   const number_set& rhs) {
  number_set made;
  algorithm(lhs.begin(), lhs.end(), rhs.begin(), rhs.end(),
            std::inserter(made, made.end()));
  return made;
}

#define STD_ALGORITHM(name)                                                    \
  [](auto... xs) {                                                             \
    return std::name(xs...);                                                   \
  }

/// Sorted, not touching, not overlapping: the form in which equal is ==.
void expect_normal(const ranges& what) {
  auto& list = what.intervals();
  for (size_t i = 0; i < list.size(); ++i) {
    EXPECT_LE(list[i].first, list[i].last);
    if (i > 0) {
      EXPECT_GT(list[i].first, list[i - 1].last);
      EXPECT_GT(list[i].first - list[i - 1].last, 1u);
    }
  }
}

TEST(RangesProperty, AgreesWithASetOfNumbers) {
  for (uint32_t seed = 0; seed < ranges_seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    number_source source{seed};
    auto lhs_list = source.any_list();
    auto rhs_list = source.any_list();
    auto lhs = *ranges::from_overlapping(lhs_list);
    auto rhs = *ranges::from_overlapping(rhs_list);
    auto lhs_set = numbers_of(lhs_list);
    auto rhs_set = numbers_of(rhs_list);
    auto common = combine(STD_ALGORITHM(set_intersection), lhs_set, rhs_set);
    auto check = [](const ranges& made, const number_set& wanted) {
      expect_normal(made);
      EXPECT_EQ(numbers_of(made.intervals()), wanted);
      EXPECT_EQ(made.count(), wanted.size());
    };
    check(lhs, lhs_set);
    check(lhs.united(rhs), combine(STD_ALGORITHM(set_union), lhs_set, rhs_set));
    check(lhs.without(rhs),
          combine(STD_ALGORITHM(set_difference), lhs_set, rhs_set));
    check(lhs.intersected(rhs), common);
    EXPECT_EQ(lhs.contains(rhs), std::includes(lhs_set.begin(), lhs_set.end(),
                                               rhs_set.begin(), rhs_set.end()));
    auto first = lhs.first_common(rhs);
    ASSERT_EQ(first.has_value(), !common.empty());
    if (first) {
      EXPECT_EQ(first->first, *common.begin());
      EXPECT_TRUE(lhs.contains(first->last) && rhs.contains(first->last));
    }
    for (int i = 0; i < 20; ++i) {
      auto number = source.any_interval().first;
      EXPECT_EQ(lhs.contains(number), lhs_set.contains(number));
    }
    EXPECT_EQ(lhs.without(rhs).united(lhs.intersected(rhs)), lhs);
    EXPECT_EQ(lhs == rhs, lhs_set == rhs_set);
    if (HasFailure())
      return;
  }
}

TEST(RangesProperty, RefusesExactlyWhatOverlaps) {
  for (uint32_t seed = 0; seed < ranges_seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    number_source source{seed};
    auto list = source.any_list();
    uint64_t sum = 0;
    for (auto& item : list)
      sum += item.last - item.first + 1;
    auto made = ranges::from_intervals(list);
    ASSERT_EQ(static_cast<bool>(made), sum == numbers_of(list).size());
    if (made)
      expect_normal(*made);
  }
}

} // namespace
} // namespace agora
