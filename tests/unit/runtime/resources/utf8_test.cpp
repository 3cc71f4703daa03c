// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/utf8.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

TEST(Utf8, AcceptsTheEdgesOfEveryLength) {
  for (std::string_view good :
       {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
        "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
        "a\xc3\xa4z"})
    EXPECT_TRUE(is_utf8(good)) << good;
}

TEST(Utf8, RefusesWhatIsNotWellFormed) {
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

} // namespace
} // namespace agora
