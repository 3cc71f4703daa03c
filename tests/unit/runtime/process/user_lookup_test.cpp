// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/user_lookup.hpp"

#include <gmock/gmock.h>

namespace agora {
namespace {

TEST(UserLookupTest, FindsRootWithItsGroups) {
  auto root = look_up_user("root");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->uid, 0u);
  EXPECT_THAT(root->groups, testing::Contains(root->gid));
}

TEST(UserLookupTest, UnknownUserIsNamed) {
  auto nobody = look_up_user("nobody-by-this-name");
  ASSERT_FALSE(nobody);
  EXPECT_EQ(describe(nobody.error()),
            "not_found: unknown user \"nobody-by-this-name\"");
}

} // namespace
} // namespace agora
