// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/attributes.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace agora {
namespace {

// What is read passes the check, and its text form reads back as the same.
TEST(AttributesProperty, NonsenseIsRefusedOrReadsBack) {
  constexpr std::array pieces{
    "rack",       "a",      ":",     ":",
    ":",          ";",      "\n",    "[",
    "]",          "{",      "}",     "-",
    ",",          " ",      "3.5",   "-1",
    "0",          "-0",     "nan",   "inf",
    "1e3",        "1e-320", "1e400", "true",
    "0x1",        "\xff",   "\x01",  "[1-2]",
    "[3-9,5-10]", "1e308",  "0.1",   "123456789.123456789"};
  int accepted = 0;
  for (uint32_t seed = 0; seed < 30'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 rng{seed};
    std::string text;
    for (auto n = rng() % 12; n > 0; --n)
      text += pieces[rng() % pieces.size()];
    auto made = parse_attributes(text);
    if (!made) {
      ASSERT_EQ(made.error(), errc::invalid_argument) << text;
      ASSERT_EQ(text_of(made.error()).rfind("character ", 0), 0u) << text;
      continue;
    }
    accepted += made->size() > 0;
    auto check = check_attributes(*made);
    ASSERT_FALSE(check) << text << ": " << describe(check);
    auto again = parse_attributes(to_string(*made));
    ASSERT_TRUE(again) << text << " became " << to_string(*made);
    ASSERT_EQ(again->size(), made->size()) << text;
    for (int i = 0; i < made->size(); ++i)
      ASSERT_EQ(again->Get(i).SerializeAsString(),
                made->Get(i).SerializeAsString())
        << text << " became " << to_string(*made);
  }
  EXPECT_GT(accepted, 300) << "the pieces hardly ever fit";
}

} // namespace
} // namespace agora
