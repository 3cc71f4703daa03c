// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/log/entry_retention.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace agora {
namespace {

log_settings keep(uint64_t entries, uint64_t bytes, uint64_t step) {
  log_settings result;
  result.retained_entries = entries;
  result.retained_bytes = bytes;
  result.trim_step = step;
  return result;
}

TEST(EntryRetention, RemovesWholeSteps) {
  entry_retention books{keep(5, 1000, 3), 0};
  for (uint64_t i = 1; i <= 7; ++i) {
    books.applied(i, 1);
    EXPECT_EQ(books.removable(UINT64_MAX), 0U);
  }
  books.applied(8, 1);
  EXPECT_EQ(books.removable(UINT64_MAX), 3U);
  EXPECT_EQ(books.removable(3), 3U);
  EXPECT_EQ(books.removable(2), 0U);
  books.removed(3);
  EXPECT_EQ(books.removable(UINT64_MAX), 3U);
  for (uint64_t i = 9; i <= 14; ++i)
    books.applied(i, 1);
  EXPECT_EQ(books.removable(UINT64_MAX), 9U);
  EXPECT_EQ(books.removable(8), 6U);
}

TEST(EntryRetention, TheSmallerOfBothLimitsCounts) {
  entry_retention books{keep(100, 10, 1), 0};
  books.applied(1, 50);
  books.applied(2, 4);
  books.applied(3, 5);
  EXPECT_EQ(books.removable(UINT64_MAX), 0U);
  books.applied(4, 1);
  EXPECT_EQ(books.removable(UINT64_MAX), 1U);
}

// What is left of a step that went in part is less than one.
TEST(EntryRetention, GoesOnWhenAStepWentInPart) {
  entry_retention books{keep(2, 1000, 10), 0};
  for (uint64_t i = 1; i <= 100; ++i)
    books.applied(i, 1);
  books.removed(55);
  EXPECT_EQ(books.removable(UINT64_MAX), 90U);
  EXPECT_EQ(books.removable(60), 55U);
}

// As after a restart: one call for all that is there.
TEST(EntryRetention, ManyAtOnceAreStepsOfTheirMean) {
  entry_retention books{keep(50, 1'000'000, 10), 0};
  books.applied(95, 950);
  EXPECT_EQ(books.removable(UINT64_MAX), 40U);
  entry_retention by_bytes{keep(1000, 200, 10), 0};
  by_bytes.applied(95, 950);
  EXPECT_EQ(by_bytes.removable(UINT64_MAX), 70U);
}

TEST(EntryRetention, BeginsAnewBehindASnapshot) {
  entry_retention books{keep(0, 0, 1), 0};
  books.applied(10, 100);
  books.restart(500);
  EXPECT_EQ(books.removable(UINT64_MAX), 500U);
  books.applied(501, 100);
  EXPECT_EQ(books.removable(UINT64_MAX), 501U);
}

// Against a list of all entries: what is removable never cuts into what the
// smaller of the limits retains, and leaves at most two steps beyond it.
TEST(EntryRetention, KeepsItsPromise) {
  for (uint32_t seed = 0; seed < 300 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 rng{seed};
    auto how = keep(rng() % 40, 1 + rng() % 2000, rng() % 10);
    auto step = std::max(how.trim_step, uint64_t{1});
    auto base = static_cast<uint64_t>(rng() % 3 == 0 ? rng() % 100 : 0);
    entry_retention books{how, base};
    // Behind the base, in bytes; alike within a call, which counts their mean.
    std::vector<uint64_t> entries;
    auto needed = [&] {
      uint64_t count = 0, bytes = 0;
      while (count < entries.size() && count < how.retained_entries
             && bytes < how.retained_bytes)
        bytes += entries[entries.size() - ++count];
      return count;
    };
    auto remove = [&](uint64_t until) {
      entries.erase(entries.begin(),
                    entries.begin()
                      + static_cast<std::ptrdiff_t>(until - base));
      base = until;
      books.removed(until);
    };
    for (int i = 0; i < 300; ++i) {
      uint64_t count = rng() % 20 == 0 ? 1 + rng() % 100 : 1 + rng() % 3;
      uint64_t bytes = rng() % 100;
      entries.insert(entries.end(), count, bytes);
      auto newest = base + entries.size();
      books.applied(newest, count * bytes);
      auto limit
        = rng() % 4 == 0 ? base + rng() % (entries.size() + 1) : UINT64_MAX;
      auto until = books.removable(limit);
      ASSERT_GE(until, base);
      ASSERT_LE(until, std::max(base, std::min(limit, newest)));
      ASSERT_LE(needed(), newest - until) << "cuts into what is retained";
      ASSERT_TRUE(until == base || until - base >= step);
      if (limit == UINT64_MAX) {
        ASSERT_LE(newest - until, needed() + 2 * step + 1);
      }
      if (rng() % 2 == 0)
        remove(until);
      else if (rng() % 20 == 0)
        remove(base + rng() % (entries.size() + 1));
    }
  }
}

} // namespace
} // namespace agora
