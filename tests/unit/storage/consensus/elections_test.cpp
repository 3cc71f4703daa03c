// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/storage/consensus/members_bench.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

using role = consensus_role;

int leaders(members_bench& bench, uint64_t members) {
  auto result = 0;
  for (uint64_t n = 1; n <= members; ++n)
    result += bench.at(n).role() == role::leader;
  return result;
}

TEST(Elections, AMajorityElectsWhoeverStands) {
  members_bench bench{3};
  bench.elect(2);
  EXPECT_EQ(bench.at(2).term(), 2U);
  EXPECT_EQ(bench.at(1).leader(), member_uid{2});
  EXPECT_EQ(bench.at(3).role(), role::follower);
}

TEST(Elections, SilenceLetsSomebodyStand) {
  members_bench bench{3};
  bench.tick_all(9);
  EXPECT_EQ(bench.sent.size(), 0U);
  bench.tick_all(11);
  EXPECT_EQ(leaders(bench, 3), 1);
}

TEST(Elections, TheOnlyMemberElectsItselfOnceItsVoteIsOnDisk) {
  members_bench bench{1};
  bench.hold_disk(1);
  bench.at(1).campaign();
  bench.collect(1);
  EXPECT_EQ(bench.at(1).role(), role::candidate);
  bench.free_disk(1);
  EXPECT_EQ(bench.at(1).role(), role::leader);
  EXPECT_EQ(bench.at(1).log().commit_index(), 2U);
}

TEST(Elections, TwoCandidatesAtOnceSplitTheVotesAndALaterTermDecides) {
  members_bench bench{4};
  // Each of the other two hears of one candidate only.
  bench.drop = [](auto& message) {
    auto* asked = std::get_if<vote_request>(&message.body);
    return asked != nullptr && !asked->pre
           && message.from.value + message.to.value == 5;
  };
  bench.at(1).campaign();
  bench.at(2).campaign();
  bench.deliver_all();
  for (uint64_t n = 1; n <= 2; ++n)
    EXPECT_EQ(bench.at(n).vote(), (vote_record{2, member_uid{n}}));
  EXPECT_EQ(bench.at(3).vote(), (vote_record{2, member_uid{1}}));
  EXPECT_EQ(bench.at(4).vote(), (vote_record{2, member_uid{2}}));
  EXPECT_EQ(leaders(bench, 4), 0);
  bench.drop = nullptr;
  bench.tick_all(60);
  EXPECT_EQ(leaders(bench, 4), 1);
}

TEST(Elections, AClockThatJumpsUnseatsNobody) {
  members_bench bench{3};
  bench.elect(1);
  bench.tick(3, 200);
  bench.deliver_all();
  EXPECT_EQ(bench.at(1).role(), role::leader);
  EXPECT_EQ(bench.at(1).term(), 2U);
  bench.tick_all(4);
  EXPECT_EQ(bench.at(3).role(), role::follower);
  EXPECT_EQ(bench.at(3).leader(), member_uid{1});
}

TEST(Elections, AMemberThatWasCutOffComesBackQuietly) {
  members_bench bench{3};
  bench.elect(1);
  bench.isolate(3);
  bench.tick_all(100);
  EXPECT_EQ(bench.at(3).term(), 2U);
  bench.rejoin(3);
  bench.tick_all(10);
  EXPECT_EQ(bench.at(1).role(), role::leader);
  EXPECT_EQ(bench.at(1).term(), 2U);
}

TEST(Elections, WhoHearsALeaderDoesNotEvenTakeTheLaterTerm) {
  members_bench bench{3};
  bench.elect(1);
  for (uint64_t n = 1; n <= 2; ++n) {
    bench.at(n).receive(
      message_of(3, n, 9, vote_request{false, false, 1, {8, 99}}));
    bench.collect(n);
    EXPECT_EQ(bench.at(n).term(), 2U);
  }
  EXPECT_EQ(bench.at(1).role(), role::leader);
  EXPECT_EQ(bench.count_sent<vote_answer>(2, 3), 0U);
}

TEST(Elections, ALostConnectionToTheLeaderShortensTheWait) {
  members_bench bench{3};
  bench.elect(1);
  bench.crash(1);
  for (uint64_t n = 2; n <= 3; ++n)
    bench.at(n).peer_lost(member_uid{1});
  bench.tick_all(9);
  EXPECT_TRUE(bench.at(2).role() == role::leader
              || bench.at(3).role() == role::leader);
}

TEST(Elections, AMemberWithoutAVoteNeverStands) {
  members_bench bench{1};
  bench.elect(1);
  bench.add_blank(2);
  bench.add_blank(3);
  ASSERT_FALSE(bench.change(1, configuration_change::step::add_learner, 2));
  bench.crash(1);
  for (uint64_t n = 2; n <= 3; ++n) {
    bench.tick(n, 100);
    bench.at(n).receive(message_of(1, n, 2, take_over{}));
    bench.collect(n);
    EXPECT_EQ(bench.count_sent<vote_request>(n), 0U);
    EXPECT_EQ(bench.at(n).role(), role::follower);
  }
}

TEST(Elections, ALeaderOfAnEarlierTermHearsThatItIsOver) {
  members_bench bench{3};
  bench.elect(1);
  bench.isolate(1);
  bench.tick(2, 10);
  bench.tick(3, 10);
  bench.elect(2);
  bench.rejoin(1);
  bench.tick(1, 2);
  bench.deliver_all();
  EXPECT_EQ(bench.at(1).role(), role::follower);
  EXPECT_EQ(bench.at(1).term(), 3U);
  EXPECT_GT(bench.count_sent<term_passed>(2, 1), 0U);
}

} // namespace
} // namespace agora
