// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/storage/consensus/members_bench.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

TEST(LogRepair, AnAnswerCountsOnlyWhatWasAsked) {
  // Member 2 has a longer log of an earlier term than its leader asks about.
  members_bench bench{3};
  bench.give_log(2, {2, 2, 2, 2}, 2);
  auto ask = [&](append_request what) {
    bench.at(2).receive(message_of(1, 2, 3, std::move(what)));
    bench.collect(2);
    auto answer = std::get<append_answer>(bench.sent.back().body);
    EXPECT_TRUE(answer.accepted);
    return answer.index;
  };
  EXPECT_EQ(ask({{2, 2}, {}, 1}), 2U);
  EXPECT_EQ(ask({{2, 2}, {bench.disk(2).find(3)}, 1}), 3U);
  EXPECT_EQ(bench.at(2).log().last_index(), 5U) << "nothing contradicts it";
}

TEST(LogRepair, AContradictionBelowTheCommitEndsNoProcess) {
  // What a peer sends may be wrong, but must not break an invariant of ours:
  // the place before is within what is committed, so nobody compares it, and
  // the new entry is of an earlier term than the last committed one.
  members_bench bench{3};
  bench.give_log(1, {3}, 3);
  bench.at(1).receive(message_of(2, 1, 4, append_request{{3, 2}, {}, 2}));
  ASSERT_EQ(bench.at(1).log().commit_index(), 2U);
  bench.at(1).receive(message_of(
    2, 1, 4, append_request{{1, 1}, {entry_of(2, 1), entry_of(3, 1)}, 2}));
  EXPECT_EQ(bench.at(1).log().last_index(), 2U);
}

TEST(LogRepair, AStaleAcknowledgementDoesNotCommitWhatLiesBehindIt) {
  // The leader of term 4 has five entries; the others have as many, but of
  // another term. The answers to its first questions come late.
  members_bench bench{3, one_entry_a_message()};
  bench.give_log(1, {3, 3, 3, 3}, 3);
  bench.give_log(2, {2, 2, 2, 2, 2, 2}, 3);
  bench.give_log(3, {2, 2, 2, 2, 2, 2}, 3);
  bench.hold = [&](auto& message) {
    return brings_more(bench, message);
  };
  bench.elect(1);
  for (uint64_t n = 2; n <= 3; ++n)
    EXPECT_LE(bench.at(1).leads()->progress_of(member_uid{n})->match(), 2U);
  EXPECT_EQ(bench.at(1).log().commit_index(), 1U);
  bench.release_held();
  bench.tick_all(4);
  EXPECT_EQ(bench.terms(2), bench.terms(1));
  EXPECT_EQ(bench.committed_everywhere(), 6U);
}

TEST(LogRepair, AFollowerCommitsNotMoreThanWhatWasComparedWithItsLeaders) {
  members_bench bench{3};
  bench.give_log(2, {2, 2, 2, 2}, 2);
  bench.at(2).receive(message_of(1, 2, 3, append_request{{1, 1}, {}, 5}));
  EXPECT_EQ(bench.at(2).log().commit_index(), 1U);
}

TEST(LogRepair, ThousandConflictingEntriesTakeAFewRoundTrips) {
  members_bench bench{3};
  bench.give_log(1, std::vector<uint64_t>(1'000, 3), 3);
  bench.give_log(2, std::vector<uint64_t>(1'000, 2), 3);
  bench.give_log(3, std::vector<uint64_t>(1'000, 3), 3);
  bench.isolate(2);
  bench.elect(1);
  bench.rejoin(2);
  auto before = bench.count_sent<append_request>(1, 2);
  bench.tick_all(4);
  EXPECT_EQ(bench.terms(2), bench.terms(1));
  EXPECT_LE(bench.count_sent<append_request>(1, 2) - before, 6U);
  EXPECT_EQ(bench.committed_everywhere(), 1'002U);
}

TEST(LogRepair, ADivergedLogTakesOneRoundTripForEachTerm) {
  std::vector<uint64_t> theirs;
  for (uint64_t term = 2; term <= 20; term += 2)
    theirs.insert(theirs.end(), 50, term);
  std::vector<uint64_t> ours;
  for (uint64_t term = 3; term <= 21; term += 2)
    ours.insert(ours.end(), 50, term);
  members_bench bench{3};
  bench.give_log(1, ours, 21);
  bench.give_log(2, theirs, 21);
  bench.give_log(3, ours, 21);
  bench.elect(1);
  bench.tick_all(4);
  EXPECT_EQ(bench.terms(2), bench.terms(1));
  EXPECT_LE(bench.count_sent<append_request>(1, 2), 20U);
}

} // namespace
} // namespace agora
