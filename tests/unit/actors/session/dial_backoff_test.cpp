// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/session/dial_backoff.hpp"

#include <gtest/gtest.h>

#include <set>

namespace agora {
namespace {

using namespace std::chrono_literals;

const dial_backoff_settings exact{100ms, 500ms, 0};

TEST(dial_backoff, doubles_up_to_its_last_wait) {
  dial_backoff sut{exact, 1, 1};
  for (auto expected : {100ms, 200ms, 400ms, 500ms, 500ms})
    EXPECT_EQ(sut.next_wait(), expected);
}

TEST(dial_backoff, doubles_once_all_addresses_were_tried) {
  dial_backoff sut{exact, 2, 1};
  for (auto expected : {100ms, 100ms, 200ms, 200ms})
    EXPECT_EQ(sut.next_wait(), expected);
}

TEST(dial_backoff, begins_anew_after_a_reset) {
  dial_backoff sut{exact, 1, 1};
  sut.next_wait();
  sut.next_wait();
  sut.reset();
  EXPECT_EQ(sut.next_wait(), 100ms);
}

TEST(dial_backoff, processes_that_fail_together_come_back_apart) {
  std::set<std::chrono::milliseconds> waits;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    dial_backoff sut{{1'000ms, 1'000ms, 50}, 1, seed};
    auto wait = sut.next_wait();
    EXPECT_GE(wait, 500ms);
    EXPECT_LE(wait, 1'000ms);
    waits.insert(wait);
  }
  // Of 501 possible ones.
  EXPECT_GT(waits.size(), 75u);
}

TEST(dial_backoff, never_spins) {
  dial_backoff sut{{1ms, 1ms, 100}, 1, 7};
  for (int i = 0; i < 10; ++i)
    EXPECT_GE(sut.next_wait(), 1ms);
}

} // namespace
} // namespace agora
