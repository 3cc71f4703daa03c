// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/consensus/read_queue.hpp"
#include "tests/unit/storage/consensus/members_bench.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

TEST(Reads, ArePermittedAtWhatWasCommittedWhenTheyCame) {
  members_bench bench{3};
  bench.elect(1);
  auto index = bench.at(1).log().commit_index();
  ASSERT_FALSE(bench.at(1).read_index(7));
  bench.deliver_all();
  ASSERT_EQ(bench.permits.count(1), 1U);
  EXPECT_EQ(bench.permits.find(1)->second.id, 7U);
  EXPECT_EQ(bench.permits.find(1)->second.index, index);
}

TEST(Reads, TheOnlyVoterPermitsAtOnce) {
  members_bench bench{1};
  bench.elect(1);
  ASSERT_FALSE(bench.at(1).read_index(7));
  bench.collect(1);
  EXPECT_EQ(bench.permits.count(1), 1U);
}

TEST(Reads, WaitForAQuorumThatAnswersAfterTheyCame) {
  members_bench bench{3};
  bench.elect(1);
  bench.tick(1, 2);
  ASSERT_GT(bench.count_sent<heartbeat>(1, 2), 0U);
  // The answers to these heartbeats are older than the read.
  bench.hold = is<heartbeat_answer>;
  bench.deliver_all();
  ASSERT_FALSE(bench.at(1).read_index(7));
  bench.drop = is<heartbeat>;
  bench.collect(1);
  bench.release_held();
  bench.deliver_all();
  EXPECT_TRUE(bench.permits.empty());
  bench.drop = nullptr;
  bench.tick_all(2);
  EXPECT_EQ(bench.permits.size(), 1U);
}

TEST(Reads, ThatCameTogetherShareARound) {
  members_bench bench{3};
  bench.elect(1);
  auto before = bench.count_sent<heartbeat>(1, 2);
  for (uint64_t id = 1; id <= 50; ++id)
    ASSERT_FALSE(bench.at(1).read_index(id));
  bench.deliver_all();
  EXPECT_EQ(bench.count_sent<heartbeat>(1, 2) - before, 1U);
  ASSERT_EQ(bench.permits.size(), 50U);
  uint64_t expected = 0;
  for (auto& [who, permit] : bench.permits)
    EXPECT_EQ(permit.id, ++expected) << who;
}

TEST(Reads, OneThatCameLaterGoesWithTheNextRound) {
  members_bench bench{3};
  bench.elect(1);
  ASSERT_FALSE(bench.at(1).read_index(1));
  bench.hold = is<heartbeat_answer>;
  bench.deliver_all();
  ASSERT_FALSE(bench.at(1).read_index(2));
  bench.drop = is<heartbeat>;
  bench.collect(1);
  bench.release_held();
  bench.deliver_all();
  ASSERT_EQ(bench.permits.size(), 1U);
  EXPECT_EQ(bench.permits.begin()->second.id, 1U);
}

TEST(Reads, AreRefusedWithTheLeadership) {
  members_bench bench{3};
  bench.elect(1);
  bench.isolate(1);
  for (uint64_t id = 1; id <= 2; ++id)
    ASSERT_FALSE(bench.at(1).read_index(id));
  bench.deliver_all();
  EXPECT_TRUE(bench.permits.empty());
  bench.at(1).receive(message_of(2, 1, 9, term_passed{}));
  bench.deliver_all();
  ASSERT_EQ(bench.permits.count(1), 2U);
  for (auto& [who, permit] : bench.permits)
    EXPECT_EQ(permit.index, 0U) << who;
  EXPECT_EQ(code_of(bench.at(1).read_index(3)), errc::not_leader);
}

TEST(Reads, AnIsolatedLeaderServesNoStaleOnes) {
  members_bench bench{3};
  bench.elect(1);
  bench.isolate(1);
  bench.tick(2, 10);
  bench.tick(3, 10);
  bench.elect(2);
  bench.propose(2, "unseen");
  bench.deliver_all();
  ASSERT_FALSE(bench.at(1).read_index(7));
  bench.tick(1, 30);
  ASSERT_EQ(bench.permits.count(1), 1U);
  EXPECT_EQ(bench.permits.find(1)->second.index, 0U);
}

TEST(Reads, ALeaderThatHasCommittedNothingYetKnowsTooLittle) {
  members_bench bench{3};
  bench.drop = is<append_answer>;
  bench.elect(1);
  EXPECT_EQ(code_of(bench.at(1).read_index(7)), errc::conflict);
  bench.drop = nullptr;
  bench.tick_all(4);
  EXPECT_FALSE(bench.at(1).read_index(7));
}

TEST(Reads, SoManyMayWait) {
  auto settings = members_bench::quick();
  settings.waiting_reads = 2;
  members_bench bench{3, settings};
  bench.elect(1);
  ASSERT_FALSE(bench.at(1).read_index(1));
  ASSERT_FALSE(bench.at(1).read_index(2));
  EXPECT_EQ(code_of(bench.at(1).read_index(3)), errc::limit_reached);
  bench.deliver_all();
  EXPECT_FALSE(bench.at(1).read_index(3));
}

TEST(Reads, AnswersOfLearnersConfirmNothing) {
  members_bench bench{3};
  bench.elect(1);
  for (uint64_t n = 4; n <= 5; ++n) {
    bench.add_blank(n);
    ASSERT_FALSE(bench.change(1, configuration_change::step::add_learner, n));
  }
  bench.isolate(2);
  bench.isolate(3);
  ASSERT_FALSE(bench.at(1).read_index(7));
  bench.deliver_all();
  EXPECT_TRUE(bench.permits.empty());
}

// -- the queue ----------------------------------------------------------------

TEST(ReadQueue, HandsOutNothingBeforeItsRoundIsAnswered) {
  read_queue queue;
  EXPECT_FALSE(queue.wants_round());
  queue.add(1, 10);
  EXPECT_TRUE(queue.wants_round());
  EXPECT_FALSE(queue.take(0));
  EXPECT_EQ(queue.begin_round(), 1U);
  EXPECT_FALSE(queue.wants_round());
  queue.add(2, 11);
  EXPECT_TRUE(queue.wants_round());
  auto first = queue.take(1);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->id, 1U);
  EXPECT_EQ(first->index, 10U);
  EXPECT_FALSE(queue.take(1));
  EXPECT_EQ(queue.size(), 1U);
  EXPECT_EQ(queue.begin_round(), 2U);
  EXPECT_EQ(queue.take(9)->id, 2U) << "a later round confirms it, too";
}

} // namespace
} // namespace agora
