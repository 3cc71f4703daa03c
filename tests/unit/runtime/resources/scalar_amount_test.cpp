// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/scalar_amount.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace agora {
namespace {

int64_t milli(double units) {
  auto amount = scalar_amount::from_double(units);
  return amount ? amount->milli() : -1;
}

TEST(ScalarAmount, RoundsToThousandthsHalvesAwayFromZero) {
  EXPECT_EQ(milli(0), 0);
  EXPECT_EQ(milli(1), 1000);
  EXPECT_EQ(milli(0.1), 100);
  EXPECT_EQ(milli(0.0004), 0);
  EXPECT_EQ(milli(0.0005), 1);
  EXPECT_EQ(milli(1.0005), 1001); // 1.0005 * 1000 is 1000.5 as a double
  EXPECT_EQ(milli(2.9999), 3000);
  EXPECT_EQ(milli(-0.0), 0);
}

TEST(ScalarAmount, TenTenthsAreOne) {
  scalar_amount sum;
  for (int i = 0; i < 10; ++i)
    sum = *sum.plus(*scalar_amount::from_double(0.1));
  EXPECT_EQ(sum, scalar_amount::of_milli(1000));
}

TEST(ScalarAmount, RefusesWhatIsNoAmount) {
  for (double bad : {std::nan(""), std::numeric_limits<double>::infinity(),
                     -std::numeric_limits<double>::infinity(), -1.0, -0.0001,
                     1e11 + 1, 1e300}) {
    auto amount = scalar_amount::from_double(bad);
    ASSERT_FALSE(amount) << bad;
    EXPECT_EQ(amount.error(), errc::invalid_resources) << bad;
  }
}

TEST(ScalarAmount, EveryAmountOfAnAgentSurvivesADouble) {
  for (int64_t value :
       {int64_t{1}, int64_t{999}, int64_t{1001}, scalar_amount::milli_limit - 1,
        scalar_amount::milli_limit}) {
    auto amount = scalar_amount::of_milli(value);
    auto back = scalar_amount::from_double(amount.to_double());
    ASSERT_TRUE(back) << value;
    EXPECT_EQ(back->milli(), value);
  }
}

TEST(ScalarAmount, FiftyThousandLargestAgentsAddUp) {
  scalar_amount sum;
  for (int i = 0; i < 50'000; ++i) {
    auto next = sum.plus(scalar_amount::of_milli(scalar_amount::milli_limit));
    ASSERT_TRUE(next);
    sum = *next;
  }
}

TEST(ScalarAmount, SumsAndDifferencesNeverWrap) {
  auto most = scalar_amount::of_milli(std::numeric_limits<int64_t>::max());
  EXPECT_FALSE(most.plus(scalar_amount::of_milli(1)));
  EXPECT_EQ(most.plus(scalar_amount{}), most);
  EXPECT_FALSE(scalar_amount{}.minus(scalar_amount::of_milli(1)));
  EXPECT_EQ(most.minus(most), scalar_amount{});
}

TEST(ScalarAmount, TextHasNoNeedlessDigits) {
  EXPECT_EQ(to_string(scalar_amount::of_milli(0)), "0");
  EXPECT_EQ(to_string(scalar_amount::of_milli(4000)), "4");
  EXPECT_EQ(to_string(scalar_amount::of_milli(500)), "0.5");
  EXPECT_EQ(to_string(scalar_amount::of_milli(1050)), "1.05");
  EXPECT_EQ(to_string(scalar_amount::of_milli(7)), "0.007");
}

} // namespace
} // namespace agora
