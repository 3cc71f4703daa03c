// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/consensus/member_progress.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

using phase = member_progress::phase;

member_progress replicating(uint64_t match, append_window window = {}) {
  member_progress result{match + 1, window};
  result.sent(match, 0);
  result.accepted(match);
  return result;
}

member_progress waiting_for_snapshot() {
  member_progress result{10};
  result.needs_snapshot();
  return result;
}

TEST(MemberProgress, BeginsWithOneProbeAtATime) {
  member_progress progress{10};
  EXPECT_EQ(progress.in(), phase::probe);
  EXPECT_EQ(progress.next(), 10U);
  EXPECT_EQ(progress.match(), 0U);
  EXPECT_TRUE(progress.may_send());
  progress.sent(12, 100);
  EXPECT_FALSE(progress.may_send());
  EXPECT_EQ(progress.next(), 10U) << "nobody knows yet whether it fits";
}

TEST(MemberProgress, GoesFromProbeToReplicateWhenAccepted) {
  member_progress progress{10};
  progress.sent(12, 100);
  EXPECT_TRUE(progress.accepted(12));
  EXPECT_EQ(progress.in(), phase::replicate);
  EXPECT_EQ(progress.match(), 12U);
  EXPECT_EQ(progress.next(), 13U);
}

TEST(MemberProgress, AMemberWithoutEntriesIsFoundAtZero) {
  member_progress progress{5};
  progress.sent(4, 0);
  EXPECT_TRUE(progress.refused(4, 0));
  EXPECT_EQ(progress.next(), 1U);
  EXPECT_TRUE(progress.may_send());
  progress.sent(0, 0);
  EXPECT_FALSE(progress.accepted(0));
  EXPECT_EQ(progress.in(), phase::replicate);
}

TEST(MemberProgress, ARefusedProbeGoesToWhereTheLogsMayAgree) {
  member_progress progress{100};
  progress.sent(99, 0);
  EXPECT_TRUE(progress.refused(99, 40));
  EXPECT_EQ(progress.in(), phase::probe);
  EXPECT_EQ(progress.next(), 41U);
  EXPECT_TRUE(progress.may_send());
  // It comes nearer also if the hint does not.
  EXPECT_TRUE(progress.refused(40, 60));
  EXPECT_EQ(progress.next(), 40U);
}

TEST(MemberProgress, ARefusalOfAnEarlierProbeChangesNothing) {
  member_progress progress{100};
  progress.sent(99, 0);
  ASSERT_TRUE(progress.refused(99, 40));
  progress.sent(40, 0);
  EXPECT_FALSE(progress.refused(99, 40));
  EXPECT_EQ(progress.next(), 41U);
  EXPECT_FALSE(progress.may_send());
}

TEST(MemberProgress, GoesFromReplicateToProbeWhenRefused) {
  auto progress = replicating(12);
  progress.sent(20, 100);
  EXPECT_FALSE(progress.refused(12, 3)) << "it has said that it has that";
  EXPECT_EQ(progress.in(), phase::replicate);
  EXPECT_TRUE(progress.refused(20, 12));
  EXPECT_EQ(progress.in(), phase::probe);
  EXPECT_EQ(progress.next(), 13U);
}

TEST(MemberProgress, GoesFromReplicateToProbeWhenLost) {
  auto progress = replicating(12);
  progress.sent(20, 100);
  progress.reading(true);
  progress.lost();
  EXPECT_EQ(progress.in(), phase::probe);
  EXPECT_EQ(progress.next(), 13U);
  EXPECT_FALSE(progress.is_reading());
  EXPECT_TRUE(progress.may_send());
}

TEST(MemberProgress, GoesFromReplicateToSnapshotWhenWhatItNeedsIsGone) {
  auto progress = replicating(12);
  progress.needs_snapshot();
  EXPECT_EQ(progress.in(), phase::snapshot);
  EXPECT_FALSE(progress.may_send());
}

TEST(MemberProgress, GoesFromProbeToSnapshotWhenWhatItNeedsIsGone) {
  auto progress = waiting_for_snapshot();
  EXPECT_EQ(progress.in(), phase::snapshot);
  EXPECT_FALSE(progress.may_send());
}

TEST(MemberProgress, GoesFromSnapshotToProbeWhenThatHasEnded) {
  auto progress = waiting_for_snapshot();
  EXPECT_TRUE(progress.accepted(30));
  EXPECT_EQ(progress.in(), phase::snapshot);
  progress.snapshot_ended(30);
  EXPECT_EQ(progress.in(), phase::probe);
  EXPECT_EQ(progress.next(), 31U);
  EXPECT_TRUE(progress.may_send());
}

TEST(MemberProgress, AfterASnapshotThatFailedItIsHeardFirst) {
  auto progress = waiting_for_snapshot();
  progress.snapshot_ended(0);
  EXPECT_EQ(progress.in(), phase::probe);
  EXPECT_FALSE(progress.may_send());
  progress.alive();
  EXPECT_TRUE(progress.may_send());
}

TEST(MemberProgress, NothingElseEndsASnapshot) {
  auto progress = waiting_for_snapshot();
  EXPECT_FALSE(progress.refused(9, 3));
  progress.alive();
  progress.lost();
  EXPECT_EQ(progress.in(), phase::snapshot);
  auto other = replicating(12);
  other.snapshot_ended(30);
  EXPECT_EQ(other.in(), phase::replicate) << "none was under way";
}

TEST(MemberProgress, AnOldAcknowledgementIsNoNewsAndTakesNothingBack) {
  auto progress = replicating(12);
  progress.sent(20, 100);
  EXPECT_FALSE(progress.accepted(5));
  EXPECT_EQ(progress.match(), 12U);
  EXPECT_EQ(progress.next(), 21U);
}

TEST(MemberProgress, AHeartbeatsAnswerLetsALostProbeGoAgain) {
  member_progress progress{10};
  progress.sent(9, 0);
  ASSERT_FALSE(progress.may_send());
  progress.alive();
  EXPECT_TRUE(progress.may_send());
}

TEST(MemberProgress, TheWindowLimitsMessages) {
  auto progress = replicating(0, {2, 1'000});
  progress.sent(1, 1);
  EXPECT_TRUE(progress.may_send());
  progress.sent(2, 1);
  EXPECT_FALSE(progress.may_send());
  progress.accepted(1);
  EXPECT_TRUE(progress.may_send());
}

TEST(MemberProgress, TheWindowLimitsBytes) {
  auto progress = replicating(0, {100, 1'000});
  progress.sent(5, 600);
  EXPECT_TRUE(progress.may_send());
  progress.sent(9, 600);
  EXPECT_FALSE(progress.may_send());
  progress.accepted(4);
  EXPECT_FALSE(progress.may_send()) << "none of them is whole";
  progress.accepted(9);
  EXPECT_TRUE(progress.may_send());
}

TEST(MemberProgress, AQuestionTakesNoRoomInTheWindow) {
  auto progress = replicating(3, {1, 1'000});
  for (auto times = 0; times < 5; ++times)
    progress.sent(3, 0);
  EXPECT_TRUE(progress.may_send());
  EXPECT_EQ(progress.next(), 4U);
}

TEST(MemberProgress, NothingIsSentWhileTheDiskIsRead) {
  auto progress = replicating(3);
  progress.reading(true);
  EXPECT_FALSE(progress.may_send());
  progress.reading(false);
  EXPECT_TRUE(progress.may_send());
}

} // namespace
} // namespace agora
