// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora/short_id.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

const std::vector<std::string> ids
  = {"1a2b-0001", "1a2b-0002", "1a2b-00021", "9f-S1", "x1", "x2", "x3"};

TEST(short_id, is_an_exact_id_a_beginning_or_an_end) {
  EXPECT_EQ(find_id("1a2b-0001", ids, "framework"), size_t{0});
  EXPECT_EQ(find_id("0001", ids, "framework"), size_t{0});
  EXPECT_EQ(find_id("9", ids, "framework"), size_t{3});
  // Exact, though another one begins with it.
  EXPECT_EQ(find_id("1a2b-0002", ids, "framework"), size_t{1});
}

TEST(short_id, that_means_nothing_is_not_found) {
  EXPECT_EQ(text_of(find_id("zz", ids, "task").error()), "no task \"zz\"");
  EXPECT_EQ(code_of(find_id("", ids, "task").error()), errc::not_found);
}

TEST(short_id, that_means_several_lists_them) {
  auto several = find_id("x", ids, "task");
  EXPECT_EQ(code_of(several.error()), errc::conflict);
  EXPECT_EQ(text_of(several.error()),
            "\"x\" means 3 tasks: x1, x2, x3; write more of the id");
}

} // namespace
} // namespace agora
