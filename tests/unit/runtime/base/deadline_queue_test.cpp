// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/deadline_queue.hpp"

#include <gtest/gtest.h>

#include <string>

namespace agora {
namespace {

using namespace std::chrono_literals;
using queue = deadline_queue<std::string>;
using keys = std::vector<std::string>;

const queue::time_point begin{1h};

TEST(deadline_queue, gives_out_what_is_due_the_earliest_first) {
  queue sut;
  sut.set("late", begin + 3s);
  sut.set("first", begin + 1s);
  sut.set("second", begin + 2s);
  EXPECT_EQ(sut.next(), begin + 1s);
  EXPECT_EQ(sut.take_due(begin), keys{});
  EXPECT_EQ(sut.take_due(begin + 2s), (keys{"first", "second"}));
  EXPECT_EQ(sut.next(), begin + 3s);
}

TEST(deadline_queue, keys_with_the_same_deadline_all_come) {
  queue sut;
  sut.set("b", begin);
  sut.set("a", begin);
  EXPECT_EQ(sut.take_due(begin), (keys{"a", "b"}));
}

TEST(deadline_queue, a_new_deadline_replaces_the_old_one) {
  queue sut;
  sut.set("a", begin + 1s);
  sut.set("a", begin + 5s);
  EXPECT_EQ(sut.take_due(begin + 1s), keys{});
  EXPECT_EQ(sut.size(), 1u);
  sut.set("a", queue::time_point::max());
  EXPECT_FALSE(sut.contains("a"));
  EXPECT_EQ(sut.next(), std::nullopt);
}

TEST(deadline_queue, what_is_left_behind_by_the_limit_comes_next) {
  queue sut;
  for (std::string key : {"a", "b", "c"})
    sut.set(key, begin);
  EXPECT_EQ(sut.take_due(begin, 2), (keys{"a", "b"}));
  EXPECT_EQ(sut.take_due(begin, 2), (keys{"c"}));
}

TEST(deadline_queue, forgets_what_is_erased) {
  queue sut;
  sut.set("a", begin);
  sut.erase("a");
  sut.erase("never there");
  EXPECT_EQ(sut.take_due(begin + 1h), keys{});
}

} // namespace
} // namespace agora
