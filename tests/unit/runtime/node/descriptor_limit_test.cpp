// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/node/descriptor_limit.hpp"

#include <gmock/gmock.h>

namespace agora {
namespace {

constexpr auto own = descriptors_for_itself;

TEST(descriptor_limit, leaves_room_for_the_process_itself) {
  EXPECT_FALSE(check_descriptor_limit(own + 100, 100));
  auto tight = check_descriptor_limit(own + 99, 100);
  EXPECT_EQ(code_of(tight), errc::limit_reached);
  EXPECT_THAT(text_of(tight), testing::HasSubstr(std::to_string(own + 100)));
}

TEST(descriptor_limit, peers_get_what_is_left) {
  EXPECT_EQ(connections_within(own + 100, 1'000), 100u);
  EXPECT_EQ(connections_within(own + 1'000, 100), 100u);
  EXPECT_EQ(connections_within(own - 1, 100), 0u);
  EXPECT_EQ(connections_within(UINT64_MAX, 100), 100u);
}

} // namespace
} // namespace agora
