// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agorad/restart_policy.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

using namespace std::chrono_literals;
using policy = restart_policy;

const policy::time_point begin{1h};

TEST(restart_policy, waits_twice_as_long_after_each_early_death) {
  restart_policy sut;
  for (auto expected : {100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 5000ms}) {
    sut.started(begin);
    EXPECT_EQ(sut.died(begin + 1s), expected);
  }
}

TEST(restart_policy, gives_up_after_its_limit) {
  restart_policy sut;
  for (uint32_t i = 1; i < policy::deaths_limit; ++i) {
    sut.started(begin);
    EXPECT_TRUE(sut.died(begin + 1s));
  }
  sut.started(begin);
  EXPECT_FALSE(sut.died(begin + 1s));
}

TEST(restart_policy, forgives_a_part_that_has_settled) {
  restart_policy sut;
  for (int i = 0; i < 5; ++i) {
    sut.started(begin);
    sut.died(begin);
  }
  sut.started(begin);
  EXPECT_EQ(sut.died(begin + policy::settled_after), policy::backoff_first);
}

} // namespace
} // namespace agora
