// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora-load/latency_histogram.hpp"

#include <gtest/gtest.h>

namespace agora::load {

namespace {

using namespace std::chrono_literals;

TEST(latency_histogram, has_no_quantile_before_it_has_counted) {
  EXPECT_EQ(latency_histogram{}.quantile_ms(0.5), 0);
}

TEST(latency_histogram, is_exact_below_128_microseconds) {
  latency_histogram all;
  for (int i = 1; i <= 100; ++i)
    all.add(std::chrono::microseconds{i});
  EXPECT_DOUBLE_EQ(all.quantile_ms(0.5), 0.050);
  EXPECT_DOUBLE_EQ(all.quantile_ms(0.99), 0.099);
  EXPECT_DOUBLE_EQ(all.quantile_ms(1), 0.100);
}

TEST(latency_histogram, is_right_to_two_hundredths_everywhere) {
  for (auto micros = 128.0; micros < 1e9; micros *= 1.37) {
    latency_histogram one;
    one.add(std::chrono::microseconds{static_cast<int64_t>(micros)});
    EXPECT_NEAR(one.quantile_ms(0.5) * 1'000, micros, micros * 0.02);
  }
}

TEST(latency_histogram, counts_what_is_out_of_range_at_its_ends) {
  latency_histogram all;
  all.add(-1s);
  EXPECT_EQ(all.quantile_ms(1), 0);
  all.add(std::chrono::hours{24 * 365 * 100});
  EXPECT_EQ(all.count(), 2u);
  EXPECT_GT(all.quantile_ms(1), 0);
}

TEST(latency_histogram, adds_what_another_process_has_counted) {
  latency_histogram mine;
  latency_histogram theirs;
  mine.add(10us);
  theirs.add(90us);
  theirs.add(100us);
  mine.add(theirs.to_message());
  EXPECT_EQ(mine.count(), 3u);
  EXPECT_DOUBLE_EQ(mine.quantile_ms(0.5), 0.090);
}

TEST(latency_histogram, ignores_buckets_that_do_not_exist) {
  Latencies message;
  message.add_bucket(1'000'000);
  message.add_count(7);
  message.add_bucket(1);
  latency_histogram all;
  all.add(message);
  EXPECT_EQ(all.count(), 0u);
}

} // namespace

} // namespace agora::load
