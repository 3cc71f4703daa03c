// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/utf8.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

TEST(utf8, accepts_the_edges_of_every_length) {
  for (std::string_view good :
       {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
        "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
        "a\xc3\xa4z"})
    EXPECT_TRUE(is_utf8(good)) << good;
}

TEST(utf8, refuses_what_is_not_well_formed) {
  for (std::string_view bad : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2",
                               "\xc2"
                               "a",
                               "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe1\x80",
                               "\xe1\x80"
                               "a",
                               "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
                               "\xf5\x80\x80\x80", "\xff", "a\xf0\x90\x80"})
    EXPECT_FALSE(is_utf8(bad)) << testing::PrintToString(bad);
}

TEST(utf8, keeps_what_is_well_formed) {
  for (std::string text : {"", "plain", "\xC3\xA9", "\xE2\x82\xAC",
                           "\xF0\x9F\x98\x80", "\xED\x9F\xBF"})
    EXPECT_EQ(valid_utf8(text), text);
}

TEST(utf8, replaces_what_is_not) {
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(valid_utf8("a\x80z"), "a" + mark + "z");
  EXPECT_EQ(valid_utf8("\xC0\x80"), mark + mark);
  EXPECT_EQ(valid_utf8("\xED\xA0\x80"), mark + mark + mark);
  EXPECT_EQ(valid_utf8("\xF4\x90\x80\x80"), mark + mark + mark + mark);
  EXPECT_EQ(valid_utf8("\xE2\x82"), mark + mark);
}

} // namespace
} // namespace agora
