// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/storage/consensus/members_bench.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

using role = consensus_role;

TEST(Transfer, GoesToTheOneThatWasAskedThoughAllHearALeader) {
  members_bench bench{3};
  bench.elect(1);
  ASSERT_FALSE(bench.at(1).transfer(member_uid{3}));
  bench.deliver_all();
  EXPECT_EQ(bench.at(3).role(), role::leader);
  EXPECT_EQ(bench.at(1).leader(), member_uid{3});
  EXPECT_EQ(bench.at(3).term(), 3U);
}

TEST(Transfer, WaitsUntilTheOtherHasEverything) {
  members_bench bench{3};
  bench.elect(1);
  bench.cut(1, 3);
  auto index = bench.propose(1);
  bench.deliver_all();
  ASSERT_FALSE(bench.at(1).transfer(member_uid{3}));
  bench.deliver_all();
  EXPECT_EQ(bench.count_sent<take_over>(1), 0U);
  EXPECT_EQ(code_of(bench.at(1).propose({"no"}).error()), errc::conflict);
  bench.join(1, 3);
  bench.tick_all(4);
  EXPECT_EQ(bench.at(3).role(), role::leader);
  EXPECT_GE(bench.at(3).log().commit_index(), index);
}

TEST(Transfer, IsGivenUpAfterAnElectionsTime) {
  members_bench bench{3};
  bench.elect(1);
  bench.drop = is<take_over>;
  ASSERT_FALSE(bench.at(1).transfer(member_uid{3}));
  bench.tick_all(9);
  EXPECT_EQ(code_of(bench.at(1).propose({"no"}).error()), errc::conflict);
  EXPECT_EQ(code_of(bench.at(1).transfer(member_uid{2})), errc::conflict);
  bench.tick_all(1);
  EXPECT_TRUE(bench.at(1).propose({"yes"}));
  EXPECT_EQ(bench.at(1).role(), role::leader);
}

TEST(Transfer, IsRefusedToStrangersLearnersAndOneself) {
  members_bench bench{1};
  EXPECT_EQ(code_of(bench.at(1).transfer(member_uid{1})), errc::not_leader);
  bench.elect(1);
  bench.add_blank(2);
  ASSERT_FALSE(bench.change(1, configuration_change::step::add_learner, 2));
  EXPECT_EQ(code_of(bench.at(1).transfer(member_uid{1})), errc::conflict);
  EXPECT_EQ(code_of(bench.at(1).transfer(member_uid{2})), errc::not_found);
  EXPECT_EQ(code_of(bench.at(1).transfer(member_uid{3})), errc::not_found);
}

} // namespace
} // namespace agora
