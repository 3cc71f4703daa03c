// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/session/leader_choice.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

using namespace std::chrono_literals;

constexpr epoch none{};
const leader_choice::time_point start{};

class LeaderChoice : public ::testing::Test {
protected:
  /// The number of the chosen session; 0 if there is none.
  session_number chosen() const {
    return choice_.chosen() ? choice_.chosen()->number : 0;
  }

  leader_choice choice_;
};

TEST_F(LeaderChoice, IsNothingWhileNobodyLeads) {
  EXPECT_EQ(chosen(), 0u);
  choice_.opened(1, none, start);
  choice_.opened(2, none, start);
  EXPECT_EQ(chosen(), 0u);
  EXPECT_EQ(choice_.open(), 2u);
}

TEST_F(LeaderChoice, AMasterThatLeadsWhenItsSessionOpensHasSaidSo) {
  choice_.opened(1, none, start);
  choice_.opened(2, {1, 3}, start);
  EXPECT_EQ(chosen(), 2u);
  EXPECT_EQ(choice_.chosen()->leads_with, (epoch{1, 3}));
  // It says so once more.
  EXPECT_FALSE(choice_.said(2, true, {1, 3}, start));
  EXPECT_EQ(chosen(), 2u);
}

TEST_F(LeaderChoice, ATakeOverIsHeardOnAnIdleSession) {
  choice_.opened(1, {1, 3}, start);
  choice_.opened(2, none, start);
  EXPECT_TRUE(choice_.said(2, true, {1, 4}, start));
  EXPECT_EQ(chosen(), 2u);
  EXPECT_TRUE(choice_.outdated(1));
  EXPECT_FALSE(choice_.outdated(2));
}

TEST_F(LeaderChoice, AGenerationCountsMoreThanATerm) {
  choice_.opened(1, {1, 900}, start);
  choice_.opened(2, {2, 1}, start);
  EXPECT_EQ(chosen(), 2u);
}

TEST_F(LeaderChoice, AnOlderLeaderIsNoChoiceEvenIfNobodyElseIsLeft) {
  choice_.opened(1, {1, 3}, start);
  choice_.opened(2, {1, 4}, start);
  choice_.closed(2, start);
  EXPECT_EQ(chosen(), 0u);
  // Nor one that comes later.
  choice_.opened(3, {1, 2}, start);
  EXPECT_EQ(chosen(), 0u);
  choice_.opened(4, {1, 4}, start);
  EXPECT_EQ(chosen(), 4u);
}

TEST_F(LeaderChoice, WhatWasObeyedInAnEarlierLifeCounts) {
  choice_.obeyed({1, 7}, start);
  choice_.opened(1, {1, 6}, start);
  EXPECT_EQ(chosen(), 0u);
  EXPECT_TRUE(choice_.outdated(1));
  choice_.said(1, true, {1, 7}, start);
  EXPECT_EQ(chosen(), 1u);
  choice_.obeyed({1, 8}, start);
  EXPECT_EQ(chosen(), 0u);
}

TEST_F(LeaderChoice, AMasterThatStepsDownIsNoChoiceUntilItLeadsAgain) {
  choice_.opened(1, {1, 3}, start);
  EXPECT_TRUE(choice_.said(1, false, {1, 3}, start));
  EXPECT_EQ(chosen(), 0u);
  EXPECT_FALSE(choice_.outdated(1));
  choice_.said(1, true, {1, 5}, start);
  EXPECT_EQ(chosen(), 1u);
}

TEST_F(LeaderChoice, LeadingWithoutAnEpochIsNotLeading) {
  choice_.opened(1, none, start);
  EXPECT_FALSE(choice_.said(1, true, none, start));
  EXPECT_EQ(chosen(), 0u);
}

TEST_F(LeaderChoice, StaysWithTheOlderOfTwoSessionsToOneMaster) {
  choice_.opened(1, {1, 3}, start);
  choice_.opened(2, {1, 3}, start);
  EXPECT_EQ(chosen(), 1u);
  choice_.closed(1, start);
  EXPECT_EQ(chosen(), 2u);
}

TEST_F(LeaderChoice, UnknownSessionsDoNotMatter) {
  EXPECT_FALSE(choice_.said(9, true, {1, 9}, start));
  choice_.closed(9, start);
  choice_.opened(1, {1, 3}, start);
  EXPECT_EQ(chosen(), 1u);
}

TEST_F(LeaderChoice, TracksALimitedNumberOfSessions) {
  for (session_number n = 1; n <= leader_choice::sessions_limit; ++n)
    EXPECT_TRUE(choice_.opened(n, none, start));
  EXPECT_FALSE(choice_.opened(1'000, {1, 1}, start));
  EXPECT_EQ(chosen(), 0u);
  choice_.closed(1, start);
  EXPECT_TRUE(choice_.opened(1'000, {1, 1}, start));
  EXPECT_EQ(chosen(), 1'000u);
}

TEST_F(LeaderChoice, ComplainsOnceIfNobodyLeadsForLong) {
  EXPECT_FALSE(choice_.complaint_due());
  choice_.opened(1, none, start);
  choice_.opened(2, none, start + 1s);
  auto due = start + leader_choice::leaderless_patience;
  EXPECT_EQ(choice_.complaint_due(), due);
  EXPECT_FALSE(choice_.take_complaint(due - 1ms));
  EXPECT_TRUE(choice_.take_complaint(due));
  EXPECT_FALSE(choice_.take_complaint(due + 1h));
  // Nor after all masters were away.
  choice_.closed(1, due);
  choice_.closed(2, due);
  choice_.opened(3, none, due);
  EXPECT_FALSE(choice_.complaint_due());
  // It has a new reason after there was a leader.
  choice_.said(3, true, {1, 1}, due + 1h);
  EXPECT_FALSE(choice_.complaint_due());
  choice_.said(3, false, none, due + 2h);
  EXPECT_TRUE(choice_.take_complaint(due + 3h));
}

TEST_F(LeaderChoice, HasNoReasonToComplainIfNoMasterIsReached) {
  choice_.opened(1, none, start);
  choice_.closed(1, start + 1s);
  EXPECT_FALSE(choice_.complaint_due());
}

} // namespace
} // namespace agora
