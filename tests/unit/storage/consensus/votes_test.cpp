// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/storage/consensus/members_bench.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

using role = consensus_role;

/// The answer to the newest request of its kind from `to`.
vote_answer answer_to(members_bench& bench, uint64_t to, bool granted) {
  vote_answer result{false, granted, 0};
  for (auto& message : bench.sent)
    if (auto* asked = std::get_if<vote_request>(&message.body);
        asked != nullptr && message.from.value == to) {
      result.pre = asked->pre;
      result.round = asked->round;
    }
  return result;
}

TEST(Votes, AMemberWithAStaleLogGetsNoVote) {
  members_bench bench{3};
  bench.give_log(1, {2, 2}, 2);
  bench.give_log(2, {2, 2}, 2);
  bench.give_log(3, {2}, 2);
  bench.at(3).campaign();
  bench.deliver_all();
  EXPECT_EQ(bench.at(3).role(), role::follower);
  EXPECT_EQ(bench.at(3).term(), 2U) << "its question has cost a term";
}

TEST(Votes, ALaterTermCountsMoreThanALongerLog) {
  members_bench bench{3};
  bench.give_log(1, {2, 2, 2, 2}, 4);
  bench.give_log(2, {3}, 4);
  bench.give_log(3, {3}, 4);
  bench.at(1).campaign();
  bench.deliver_all();
  EXPECT_EQ(bench.at(1).role(), role::follower);
  bench.elect(2);
}

TEST(Votes, AStaleLogGetsNoVoteWithoutTheQuestionBefore) {
  members_bench bench{3};
  bench.give_log(1, {2, 2}, 2);
  bench.at(1).receive(
    message_of(3, 1, 3, vote_request{false, false, 7, {2, 2}}));
  bench.collect(1);
  ASSERT_EQ(bench.count_sent<vote_answer>(1, 3), 1U);
  EXPECT_FALSE(std::get<vote_answer>(bench.sent.back().body).granted);
  EXPECT_EQ(bench.at(1).vote(), (vote_record{3, {}}));
}

TEST(Votes, AMemberVotesOnceInATerm) {
  members_bench bench{3};
  auto ask = [&](uint64_t from) {
    bench.at(1).receive(
      message_of(from, 1, 2, vote_request{false, false, 1, {1, 1}}));
    bench.collect(1);
    return std::get<vote_answer>(bench.sent.back().body).granted;
  };
  EXPECT_TRUE(ask(2));
  EXPECT_FALSE(ask(3));
  EXPECT_TRUE(ask(2)) << "the same answer to the same member again";
}

TEST(Votes, AVoteIsNotSentBeforeItIsOnDisk) {
  members_bench bench{3};
  bench.hold_disk(2);
  bench.isolate(3);
  bench.at(1).campaign();
  bench.deliver_all();
  EXPECT_EQ(bench.at(1).role(), role::candidate);
  EXPECT_EQ(bench.at(2).vote(), (vote_record{2, member_uid{1}}));
  bench.free_disk(2);
  bench.deliver_all();
  EXPECT_EQ(bench.at(1).role(), role::leader);
}

TEST(Votes, ACrashBeforeTheVoteIsOnDiskHasPromisedNothing) {
  members_bench bench{3};
  bench.hold_disk(2);
  bench.isolate(3);
  bench.at(1).campaign();
  bench.deliver_all();
  bench.restart(2);
  EXPECT_EQ(bench.at(2).vote(), (vote_record{1, {}}));
  bench.deliver_all();
  EXPECT_EQ(bench.at(1).role(), role::candidate);
}

TEST(Votes, ACrashBetweenPersistAndSendKeepsTheVote) {
  members_bench bench{3};
  bench.hold_disk(2);
  bench.at(2).receive(
    message_of(1, 2, 2, vote_request{false, false, 1, {1, 1}}));
  bench.collect(2);
  bench.disk(2).finish_one();
  bench.restart(2);
  bench.free_disk(2);
  EXPECT_EQ(bench.at(2).vote(), (vote_record{2, member_uid{1}}));
  bench.at(2).receive(
    message_of(3, 2, 2, vote_request{false, false, 1, {1, 1}}));
  bench.collect(2);
  EXPECT_FALSE(std::get<vote_answer>(bench.sent.back().body).granted);
}

TEST(Votes, ACandidatesOwnVoteCountsOnlyWhenItIsOnDisk) {
  members_bench bench{3};
  bench.hold_disk(1);
  bench.at(1).campaign();
  bench.deliver_all();
  EXPECT_EQ(bench.at(1).role(), role::candidate);
  EXPECT_EQ(bench.count_sent<vote_request>(1, 2), 1U) << "only the question";
  bench.free_disk(1);
  bench.deliver_all();
  EXPECT_EQ(bench.at(1).role(), role::leader);
}

TEST(Votes, AQuestionCostsNoTermAndBindsNobody) {
  members_bench bench{3};
  bench.drop = is<vote_answer>;
  bench.at(1).campaign();
  bench.deliver_all();
  EXPECT_EQ(bench.at(1).role(), role::pre_candidate);
  for (uint64_t n = 1; n <= 3; ++n)
    EXPECT_EQ(bench.at(n).vote(), (vote_record{1, {}})) << n;
}

TEST(Votes, AnswersToAnOldRoundDoNotCount) {
  members_bench bench{3};
  bench.drop = is<vote_request>;
  bench.at(1).campaign();
  bench.deliver_all();
  auto old = answer_to(bench, 1, true);
  bench.at(1).campaign();
  bench.deliver_all();
  ASSERT_EQ(bench.at(1).role(), role::pre_candidate);
  bench.at(1).receive(message_of(2, 1, 2, old));
  bench.collect(1);
  EXPECT_EQ(bench.at(1).role(), role::pre_candidate);
  bench.at(1).receive(message_of(2, 1, 2, answer_to(bench, 1, true)));
  bench.collect(1);
  EXPECT_EQ(bench.at(1).role(), role::candidate);
}

TEST(Votes, AnswersFromBeforeARestartDoNotCount) {
  members_bench bench{3};
  bench.at(1).campaign();
  bench.collect(1);
  auto old = answer_to(bench, 1, true);
  bench.restart(1);
  bench.drop = is<vote_request>;
  bench.at(1).campaign();
  bench.deliver_all();
  bench.at(1).receive(message_of(2, 1, 2, old));
  EXPECT_EQ(bench.at(1).role(), role::pre_candidate);
}

TEST(Votes, AnAnswerToTheQuestionIsNoVote) {
  members_bench bench{5};
  bench.drop = [](auto& message) {
    auto* asked = std::get_if<vote_request>(&message.body);
    return asked != nullptr && !asked->pre;
  };
  bench.at(1).campaign();
  bench.deliver_all();
  ASSERT_EQ(bench.at(1).role(), role::candidate);
  auto answer = answer_to(bench, 1, true);
  answer.pre = true;
  for (uint64_t n = 2; n <= 5; ++n)
    bench.at(1).receive(message_of(n, 1, 2, answer));
  EXPECT_EQ(bench.at(1).role(), role::candidate);
  answer.pre = false;
  for (uint64_t n = 2; n <= 3; ++n)
    bench.at(1).receive(message_of(n, 1, 2, answer));
  EXPECT_EQ(bench.at(1).role(), role::leader);
}

TEST(Votes, OneMemberDoesNotVoteTwiceForACandidate) {
  members_bench bench{5};
  bench.drop = [](auto& message) {
    auto* asked = std::get_if<vote_request>(&message.body);
    return asked != nullptr && !asked->pre;
  };
  bench.at(1).campaign();
  bench.deliver_all();
  auto answer = answer_to(bench, 1, true);
  for (auto times = 0; times < 3; ++times)
    bench.at(1).receive(message_of(2, 1, 2, answer));
  bench.at(1).receive(message_of(9, 1, 2, answer));
  EXPECT_EQ(bench.at(1).role(), role::candidate);
}

} // namespace
} // namespace agora
