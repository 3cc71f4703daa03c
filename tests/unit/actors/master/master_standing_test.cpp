// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/master_standing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace agora {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(master_standing, begins_without_a_leader) {
  master_standing standing{"a:1"};
  EXPECT_FALSE(standing.leads());
  EXPECT_FALSE(standing.message().leads());
  EXPECT_FALSE(standing.message().has_leader());
  EXPECT_THAT(text_of(standing.refusal()), HasSubstr("no quorum"));
  EXPECT_FALSE(standing.follow("")) << "that is no news";
}

TEST(master_standing, names_the_leader) {
  master_standing standing{"a:1"};
  EXPECT_TRUE(standing.follow("b:2"));
  EXPECT_FALSE(standing.follow("b:2"));
  EXPECT_EQ(standing.message().leader(), "b:2");
  EXPECT_EQ(code_of(standing.refusal()), errc::not_leader);
  EXPECT_EQ(text_of(standing.refusal()), "master a:1 does not lead; b:2 does");
  EXPECT_TRUE(standing.follow(""));
}

TEST(master_standing, leads_with_its_epoch_until_it_follows) {
  master_standing standing{"a:1"};
  standing.follow("b:2");
  standing.lead({1, 7});
  EXPECT_TRUE(standing.message().leads());
  EXPECT_EQ(standing.message().epoch().term(), 7u);
  EXPECT_FALSE(standing.message().has_leader());
  EXPECT_EQ(standing.own_epoch(), (epoch{1, 7}));
  // Its log has refused something, and has not said yet who leads.
  EXPECT_THAT(text_of(standing.refusal()), HasSubstr("not known yet"));
  EXPECT_TRUE(standing.follow(""));
  EXPECT_EQ(standing.own_epoch(), epoch{});
}

TEST(master_standing,
     tells_only_who_may_have_asked_that_the_outcome_is_unknown) {
  master_standing standing{"a:1"};
  standing.follow("b:2");
  EXPECT_THAT(text_of(standing.end_of_sessions(true)), HasSubstr("not known"));
  EXPECT_THAT(text_of(standing.end_of_sessions(false)),
              Not(HasSubstr("not known")));
  EXPECT_THAT(text_of(standing.end_of_sessions(false)), HasSubstr("b:2 does"));
}

} // namespace
} // namespace agora
