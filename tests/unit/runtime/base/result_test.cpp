// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/result.hpp"

#include <caf/sec.hpp>
#include <gtest/gtest.h>

#include <set>

namespace agora {
namespace {

TEST(result, a_failure_carries_its_code_and_its_text) {
  auto sut = fail(errc::store_full, "/data: no room");
  EXPECT_TRUE(sut);
  EXPECT_EQ(code_of(sut), errc::store_full);
  EXPECT_EQ(text_of(sut), "/data: no room");
  EXPECT_EQ(describe(sut), "store_full: /data: no room");
}

TEST(result, success_has_neither) {
  status sut;
  EXPECT_FALSE(sut);
  EXPECT_EQ(code_of(sut), errc::none);
  EXPECT_EQ(text_of(sut), "none");
}

TEST(result, an_error_of_the_library_can_be_told_from_ours) {
  status foreign{caf::sec::request_timeout};
  EXPECT_EQ(code_of(foreign), errc::none);
  EXPECT_NE(describe(foreign), "");
}

TEST(result, a_code_is_known_by_its_name) {
  EXPECT_EQ(parse_errc("agent_gone"), errc::agent_gone);
  EXPECT_EQ(parse_errc("none"), errc::none);
  EXPECT_EQ(parse_errc("of a newer version"), std::nullopt);
}

TEST(result, every_code_has_a_name_of_its_own) {
  std::set<std::string> names;
  constexpr auto last = static_cast<int>(errc::agent_gone);
  for (int i = 0; i <= last; ++i)
    names.insert(to_string(static_cast<errc>(i)));
  EXPECT_EQ(names.size(), static_cast<size_t>(last) + 1);
}

} // namespace
} // namespace agora
