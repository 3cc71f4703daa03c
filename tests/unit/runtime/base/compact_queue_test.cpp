// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/compact_queue.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <random>
#include <string>

namespace agora {

namespace {

TEST(compact_queue, does_what_a_deque_does) {
  auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random{seed};
  compact_queue<std::string> queue;
  std::deque<std::string> model;
  for (auto step = 0; step < 20'000; ++step) {
    // Grows for a while, then shrinks for a while.
    auto grows = (step / 500) % 2 == 0;
    if (random() % 10 < (grows ? 7u : 3u)) {
      queue.push_back(std::to_string(step));
      model.push_back(std::to_string(step));
    } else if (!model.empty()) {
      ASSERT_EQ(queue.front(), model.front());
      queue.pop_front();
      model.pop_front();
    }
    ASSERT_EQ(queue.size(), model.size());
    ASSERT_EQ(queue.empty(), model.empty());
  }
}

TEST(compact_queue, is_empty_after_a_move) {
  compact_queue<int> queue;
  for (int i = 0; i < 5; ++i)
    queue.push_back(i);
  queue.pop_front();
  auto other = std::move(queue);
  EXPECT_EQ(other.size(), 4u);
  EXPECT_EQ(other.front(), 1);
  // NOLINTNEXTLINE(bugprone-use-after-move): it says what it is then.
  EXPECT_TRUE(queue.empty());
  queue.push_back(7);
  EXPECT_EQ(queue.front(), 7);
}

TEST(compact_queue, lets_go_of_what_was_removed) {
  compact_queue<std::shared_ptr<int>> queue;
  auto held = std::make_shared<int>(1);
  queue.push_back(held);
  queue.push_back(held);
  queue.push_back(held);
  queue.pop_front();
  EXPECT_EQ(held.use_count(), 3);
  queue.pop_front();
  queue.pop_front();
  EXPECT_EQ(held.use_count(), 1);
}

} // namespace

} // namespace agora
