// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/storage/consensus/members_bench.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace agora {
namespace {

using role = consensus_role;
using step = configuration_change::step;

TEST(Membership, AMemberLearnsFirstAndThenVotes) {
  members_bench bench{1};
  bench.elect(1);
  bench.add_blank(2);
  ASSERT_FALSE(bench.change(1, step::add_learner, 2));
  EXPECT_EQ(bench.terms(2), bench.terms(1));
  EXPECT_FALSE(bench.at(2).log().members().is_voter(member_uid{2}));
  ASSERT_FALSE(bench.change(1, step::promote, 2));
  EXPECT_EQ(bench.at(1).log().members().quorum(), 2U);
  bench.crash(2);
  auto index = bench.propose(1);
  bench.deliver_all();
  EXPECT_LT(bench.at(1).log().commit_index(), index);
}

TEST(Membership, LearnersDoNotCountForAQuorum) {
  members_bench bench{3};
  bench.elect(1);
  for (uint64_t n = 4; n <= 5; ++n) {
    bench.add_blank(n);
    ASSERT_FALSE(bench.change(1, step::add_learner, n));
  }
  bench.isolate(2);
  bench.isolate(3);
  auto index = bench.propose(1);
  bench.deliver_all();
  for (uint64_t n = 4; n <= 5; ++n)
    EXPECT_EQ(bench.at(1).leads()->progress_of(member_uid{n})->match(), index);
  EXPECT_LT(bench.at(1).log().commit_index(), index);
  for (auto times = 0; times < 20; ++times) {
    bench.tick(1);
    bench.deliver_all();
  }
  EXPECT_EQ(bench.at(1).role(), role::follower) << "it heard no quorum";
}

TEST(Membership, ALearnerIsNotAskedForItsVoteAndAVoteOfItsDoesNotCount) {
  members_bench bench{3};
  bench.elect(1);
  bench.add_blank(4);
  ASSERT_FALSE(bench.change(1, step::add_learner, 4));
  bench.tick_all(1);
  bench.crash(1);
  bench.isolate(2);
  bench.at(3).campaign();
  bench.deliver_all();
  ASSERT_EQ(bench.at(3).role(), role::pre_candidate);
  EXPECT_EQ(bench.count_sent<vote_request>(3, 4), 0U);
  auto asked
    = std::find_if(bench.sent.rbegin(), bench.sent.rend(), is<vote_request>);
  auto round = std::get<vote_request>(asked->body).round;
  bench.at(3).receive(message_of(4, 3, 3, vote_answer{true, true, round}));
  EXPECT_EQ(bench.at(3).role(), role::pre_candidate);
}

TEST(Membership, ALearnerThatLagsGetsNoVote) {
  auto settings = members_bench::quick();
  settings.promote_lag = 3;
  members_bench bench{1, settings};
  bench.elect(1);
  bench.add_blank(2);
  bench.cut(1, 2);
  ASSERT_FALSE(bench.change(1, step::add_learner, 2));
  EXPECT_FALSE(bench.at(1).log().last_index() > 3);
  bench.propose(1);
  EXPECT_EQ(code_of(bench.change(1, step::promote, 2)), errc::conflict);
  bench.join(1, 2);
  bench.tick_all(4);
  EXPECT_FALSE(bench.change(1, step::promote, 2));
}

TEST(Membership, OneChangeAtATime) {
  members_bench bench{3};
  bench.elect(1);
  bench.isolate(1);
  ASSERT_FALSE(bench.change(1, step::add_learner, 4));
  EXPECT_EQ(code_of(bench.change(1, step::add_learner, 5)), errc::conflict);
  bench.rejoin(1);
  bench.tick_all(4);
  EXPECT_FALSE(bench.change(1, step::add_learner, 5));
}

TEST(Membership, NoChangeBeforeAnEntryOfTheTermIsCommitted) {
  members_bench bench{3};
  EXPECT_EQ(code_of(bench.change(1, step::remove, 3)), errc::not_leader);
  bench.drop = is<append_answer>;
  bench.elect(1);
  EXPECT_EQ(code_of(bench.change(1, step::remove, 3)), errc::conflict);
  bench.drop = nullptr;
  bench.tick_all(4);
  EXPECT_FALSE(bench.change(1, step::remove, 3));
}

TEST(Membership, NoChangeWhileLeadershipIsHandedOver) {
  members_bench bench{3};
  bench.elect(1);
  bench.drop = is<take_over>;
  ASSERT_FALSE(bench.at(1).transfer(member_uid{2}));
  EXPECT_EQ(code_of(bench.change(1, step::remove, 3)), errc::conflict);
}

TEST(Membership, AChangeThatWasNotCommittedIsRolledBack) {
  members_bench bench{3};
  bench.elect(1);
  bench.isolate(1);
  ASSERT_FALSE(bench.change(1, step::add_learner, 4));
  ASSERT_EQ(bench.at(1).log().members().members().size(), 4U);
  bench.tick(1, 20);
  bench.tick(2, 10);
  bench.tick(3, 10);
  bench.elect(2);
  bench.rejoin(1);
  bench.tick_all(20);
  EXPECT_EQ(bench.at(1).log().members(), members_bench::members(3));
  EXPECT_EQ(bench.at(1).log().members_index(), 1U);
}

TEST(Membership,
     ARollbackAfterACompactionFallsBackToTheConfigurationAtTheBase) {
  members_bench bench{3};
  bench.elect(1);
  bench.propose(1);
  bench.deliver_all();
  bench.tick_all(1);
  for (uint64_t n = 1; n <= 3; ++n)
    bench.compact(n, bench.at(n).log().commit_index());
  bench.isolate(1);
  ASSERT_FALSE(bench.change(1, step::remove, 3));
  ASSERT_EQ(bench.at(1).log().members().voters(), 2U);
  // Also a restart finds it on disk, and falls back nevertheless.
  bench.restart(1);
  ASSERT_EQ(bench.at(1).log().members().voters(), 2U);
  bench.tick(2, 10);
  bench.tick(3, 10);
  bench.elect(2);
  bench.rejoin(1);
  bench.tick_all(20);
  EXPECT_EQ(bench.at(1).log().members(), members_bench::members(3));
  EXPECT_EQ(bench.at(1).log().members_index(), 1U);
  bench.restart(1);
  EXPECT_EQ(bench.at(1).log().members(), members_bench::members(3));
}

TEST(Membership, FourthAndFifthAreAddedWhileOneIsDown) {
  members_bench bench{3};
  bench.elect(1);
  bench.crash(3);
  for (uint64_t n = 4; n <= 5; ++n) {
    bench.add_blank(n);
    ASSERT_FALSE(bench.change(1, step::add_learner, n)) << n;
    ASSERT_FALSE(bench.change(1, step::promote, n)) << n;
    bench.tick_all(2);
  }
  EXPECT_EQ(bench.at(1).log().members(), members_bench::members(5));
  // Two of five may be down now.
  bench.crash(2);
  auto index = bench.propose(1);
  bench.deliver_all();
  EXPECT_EQ(bench.at(1).log().commit_index(), index);
  bench.restart(3);
  bench.tick_all(4);
  EXPECT_EQ(bench.at(3).log().members(), members_bench::members(5));
}

TEST(Membership, ALeaderThatRemovesItselfLeadsUntilThatIsCommitted) {
  members_bench bench{3};
  bench.elect(1);
  bench.isolate(1);
  ASSERT_FALSE(bench.change(1, step::remove, 1));
  EXPECT_EQ(bench.at(1).role(), role::leader);
  bench.join(1, 2);
  bench.tick(1, 2);
  bench.deliver_all();
  EXPECT_EQ(bench.at(1).role(), role::leader)
    << "of two that are left, one is no quorum";
  bench.join(1, 3);
  bench.join(2, 3);
  bench.tick(1, 2);
  bench.deliver_all();
  EXPECT_EQ(bench.at(1).role(), role::follower);
}

TEST(Membership, ALeaderThatLeftBidsOneWithEverythingTakeOver) {
  members_bench bench{3};
  bench.elect(1);
  ASSERT_FALSE(bench.change(1, step::remove, 1));
  EXPECT_EQ(bench.at(1).role(), role::follower);
  EXPECT_EQ(bench.count_sent<take_over>(1), 1U);
  EXPECT_EQ((bench.at(2).role() == role::leader)
              + (bench.at(3).role() == role::leader),
            1);
  EXPECT_FALSE(bench.at(2).log().members().is_voter(member_uid{1}));
  bench.tick(1, 100);
  EXPECT_EQ(bench.at(1).role(), role::follower);
}

TEST(Membership, ARemovedMemberThatKeepsCampaigningUnseatsNobody) {
  members_bench bench{4};
  bench.elect(1);
  bench.isolate(4);
  ASSERT_FALSE(bench.change(1, step::remove, 4));
  bench.rejoin(4);
  for (auto times = 0; times < 10; ++times) {
    bench.tick(4, 30);
    bench.tick_all(3);
  }
  EXPECT_GT(bench.count_sent<vote_request>(4), 10U);
  EXPECT_EQ(bench.at(1).role(), role::leader);
  EXPECT_EQ(bench.at(1).term(), 2U);
  // Nor does it by a real request of a later term.
  for (uint64_t n = 1; n <= 3; ++n)
    bench.at(n).receive(
      message_of(4, n, 9, vote_request{false, false, 1, {8, 99}}));
  bench.deliver_all();
  EXPECT_EQ(bench.at(1).role(), role::leader);
}

TEST(Membership, TheLastVoterStays) {
  members_bench bench{1};
  bench.elect(1);
  EXPECT_EQ(code_of(bench.change(1, step::remove, 1)), errc::conflict);
}

TEST(Membership, TwoMembersBecomeOneAgain) {
  members_bench bench{2};
  bench.elect(1);
  bench.crash(2);
  ASSERT_FALSE(bench.change(1, step::remove, 2));
  EXPECT_EQ(bench.at(1).log().commit_index(), 3U)
    << "who is out does not count any more";
}

} // namespace
} // namespace agora
