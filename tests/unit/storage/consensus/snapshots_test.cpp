// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/storage/consensus/members_bench.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

using phase = member_progress::phase;

/// Member 3 is away while 1 leads, commits and removes what it needs.
class Snapshots : public testing::Test {
protected:
  Snapshots() {
    bench_.elect(1);
    bench_.tick_all(1);
    bench_.isolate(3);
    bench_.at(1).peer_lost(member_uid{3});
    write(5);
    bench_.compact(1, committed());
  }

  void write(int entries) {
    for (; entries > 0; --entries)
      bench_.propose(1);
    bench_.deliver_all();
    bench_.tick_all(1);
  }

  uint64_t committed() {
    return bench_.at(1).log().commit_index();
  }

  snapshot_mark snapshot() {
    auto index = committed();
    return {{*bench_.at(1).log().term_at(index), index},
            bench_.at(1).log().members_at(index)};
  }

  phase phase_of(uint64_t n) {
    return bench_.at(1).leads()->progress_of(member_uid{n})->in();
  }

  /// Member 3 is there again, but no snapshot has been sent to it yet.
  void wait_for_order() {
    bench_.hold_snapshots = true;
    bench_.rejoin(3);
    bench_.tick_all(4);
    ASSERT_FALSE(bench_.snapshots.empty());
    ASSERT_EQ(phase_of(3), phase::snapshot);
  }

  members_bench bench_{3};
};

TEST_F(Snapshots, GoToWhoeverNeedsWhatIsGone) {
  bench_.rejoin(3);
  bench_.tick_all(6);
  EXPECT_EQ(bench_.committed_everywhere(), committed());
  EXPECT_EQ(bench_.disk(3).base, bench_.at(1).log().base());
  EXPECT_EQ(phase_of(3), phase::replicate);
  EXPECT_EQ(bench_.at(3).log().members(), members_bench::members(3));
}

TEST_F(Snapshots, ThatAPartitionEndsAreSentAgain) {
  wait_for_order();
  bench_.isolate(3);
  bench_.hold_snapshots = false;
  bench_.tick_all(4);
  EXPECT_LT(bench_.at(3).log().last_index(), committed());
  bench_.rejoin(3);
  bench_.tick_all(6);
  EXPECT_EQ(bench_.committed_everywhere(), committed());
}

TEST_F(Snapshots, NothingElseGoesOutMeanwhile) {
  wait_for_order();
  auto before = bench_.count_sent<append_request>(1, 3);
  write(3);
  EXPECT_EQ(bench_.count_sent<append_request>(1, 3), before);
  EXPECT_EQ(bench_.snapshots.size(), 1U) << "one at a time";
}

TEST_F(Snapshots, AreFollowedByWhatCameMeanwhile) {
  wait_for_order();
  auto mark = snapshot();
  write(3);
  ASSERT_TRUE(bench_.at(3).install(mark, member_uid{1}, 2));
  bench_.snapshots.clear();
  bench_.deliver_all();
  bench_.at(1).snapshot_ended(member_uid{3}, mark.last.index);
  bench_.tick_all(4);
  EXPECT_TRUE(bench_.snapshots.empty());
  EXPECT_EQ(bench_.committed_everywhere(), committed());
}

TEST_F(Snapshots, ThatAreOlderThanTheNextCompactionAreFollowedByAnother) {
  wait_for_order();
  auto mark = snapshot();
  write(3);
  bench_.compact(1, committed());
  ASSERT_TRUE(bench_.at(3).install(mark, member_uid{1}, 2));
  bench_.snapshots.clear();
  bench_.at(1).snapshot_ended(member_uid{3}, mark.last.index);
  bench_.hold_snapshots = false;
  bench_.tick_all(6);
  EXPECT_EQ(bench_.committed_everywhere(), committed());
}

TEST_F(Snapshots, ThatAreOlderThanWhatIsThereAreNotNeeded) {
  auto mark = snapshot();
  bench_.rejoin(3);
  bench_.tick_all(6);
  write(2);
  auto last = bench_.at(3).log().last();
  EXPECT_FALSE(bench_.at(3).install(mark, member_uid{1}, 2));
  EXPECT_EQ(bench_.at(3).log().last(), last);
  mark.last = bench_.at(3).log().last();
  mark.last.index = bench_.at(3).log().commit_index();
  EXPECT_FALSE(bench_.at(3).install(mark, member_uid{1}, 2));
}

TEST_F(Snapshots, OfALeaderOfAnEarlierTermAreNotTaken) {
  bench_.at(3).receive(message_of(2, 3, 9, heartbeat{}));
  bench_.collect(3);
  EXPECT_FALSE(bench_.at(3).install(snapshot(), member_uid{1}, 2));
  EXPECT_FALSE(bench_.at(3).install(snapshot(), member_uid{1}, 9))
    << "another one leads in this term";
  EXPECT_TRUE(bench_.at(3).install(snapshot(), member_uid{2}, 9));
}

TEST_F(Snapshots, OfALaterTermBringThatTerm) {
  EXPECT_TRUE(bench_.at(3).install(snapshot(), member_uid{1}, 9));
  EXPECT_EQ(bench_.at(3).term(), 9U);
  EXPECT_EQ(bench_.at(3).leader(), member_uid{1});
}

TEST_F(Snapshots, OfEntriesThatAreThereOnlySayThatTheyAreCommitted) {
  // Member 3 gets the entries, but never hears that they are committed.
  bench_.give_log(3, {2, 2, 2, 2, 2, 2, 2, 2}, 2);
  ASSERT_LT(bench_.at(3).log().commit_index(), committed());
  auto last = bench_.at(3).log().last_index();
  EXPECT_FALSE(bench_.at(3).install(snapshot(), member_uid{1}, 2));
  EXPECT_EQ(bench_.at(3).log().commit_index(), committed());
  EXPECT_EQ(bench_.at(3).log().last_index(), last);
}

TEST_F(Snapshots, AreAcknowledgedWhenTheyAreOnDisk) {
  wait_for_order();
  bench_.hold_disk(3);
  auto before = bench_.count_sent<append_answer>(3);
  ASSERT_TRUE(bench_.at(3).install(snapshot(), member_uid{1}, 2));
  bench_.collect(3);
  EXPECT_EQ(bench_.count_sent<append_answer>(3), before);
  ASSERT_EQ(bench_.disk(3).under_way.size(), 1U);
  EXPECT_TRUE(bench_.disk(3).under_way.front().install);
  bench_.free_disk(3);
  EXPECT_EQ(bench_.count_sent<append_answer>(3), before + 1);
  bench_.deliver_all();
  EXPECT_EQ(phase_of(3), phase::replicate) << "the answer has ended the wait";
}

TEST_F(Snapshots, ThatWereNotOnDiskAtACrashAreSentAgain) {
  wait_for_order();
  bench_.hold_disk(3);
  ASSERT_TRUE(bench_.at(3).install(snapshot(), member_uid{1}, 2));
  bench_.collect(3);
  bench_.restart(3);
  EXPECT_EQ(bench_.at(3).log().base().index, 0U);
  bench_.free_disk(3);
  bench_.hold_snapshots = false;
  bench_.tick_all(6);
  EXPECT_EQ(bench_.committed_everywhere(), committed());
}

TEST_F(Snapshots, MayRaceWithTheReceiversOwnCompaction) {
  bench_.rejoin(3);
  bench_.tick_all(6);
  auto mark = snapshot();
  write(4);
  bench_.compact(3, bench_.at(3).log().commit_index());
  EXPECT_FALSE(bench_.at(3).install(mark, member_uid{1}, 2));
  write(1);
  EXPECT_EQ(bench_.committed_everywhere(), committed());
}

TEST(SnapshotsOfOthers, ReplaceALogThatConflicts) {
  members_bench bench{3};
  bench.give_log(3, std::vector<uint64_t>(50, 1), 1);
  bench.isolate(3);
  bench.elect(1);
  auto index = bench.propose(1, "kept");
  bench.deliver_all();
  bench.compact(1, index);
  bench.rejoin(3);
  bench.tick_all(6);
  EXPECT_EQ(bench.at(3).log().last(), (log_position{2, index}));
  EXPECT_EQ(bench.disk(3).last_index(), index);
  index = bench.propose(1);
  bench.deliver_all();
  bench.tick_all(1);
  EXPECT_EQ(bench.committed_everywhere(), index);
}

TEST(SnapshotsOfOthers, EndTheWaitForAFullWindowWhoseEntriesAreGone) {
  auto settings = members_bench::quick();
  settings.append_entries = 1;
  settings.window.messages = 2;
  members_bench bench{3, settings};
  bench.elect(1);
  bench.drop = [](auto& message) {
    return is<append_request>(message) && message.to == member_uid{3};
  };
  uint64_t index = 0;
  for (auto i = 0; i < 10; ++i) {
    index = bench.propose(1);
    bench.deliver_all();
  }
  bench.compact(1, index);
  ASSERT_LE(bench.at(1).leads()->progress_of(member_uid{3})->next(), index);
  bench.drop = nullptr;
  bench.tick_all(6);
  EXPECT_EQ(bench.committed_everywhere(), index);
}

TEST(SnapshotsOfOthers, ThatArrivedAreNotSentAgainBeforeTheirAnswer) {
  members_bench bench{3};
  bench.elect(1);
  bench.isolate(3);
  bench.at(1).peer_lost(member_uid{3});
  auto index = bench.propose(1);
  bench.deliver_all();
  bench.compact(1, index);
  bench.hold_snapshots = true;
  bench.rejoin(3);
  bench.tick_all(4);
  ASSERT_EQ(bench.snapshots.size(), 1U);
  bench.hold_disk(3);
  auto members = members_bench::members(3);
  ASSERT_TRUE(bench.at(3).install({{2, index}, members}, member_uid{1}, 2));
  bench.at(1).snapshot_ended(member_uid{3}, index);
  bench.collect(1);
  EXPECT_EQ(bench.snapshots.size(), 1U) << "its disk is not that fast";
}

TEST(SnapshotsOfOthers, BringANewOneTheMembers) {
  members_bench bench{1};
  bench.elect(1);
  bench.compact(1, bench.at(1).log().commit_index());
  bench.add_blank(2);
  ASSERT_FALSE(bench.change(1, configuration_change::step::add_learner, 2));
  bench.tick_all(4);
  ASSERT_FALSE(bench.change(1, configuration_change::step::promote, 2));
  bench.tick_all(2);
  EXPECT_EQ(bench.at(2).log().members(), members_bench::members(2));
  EXPECT_GT(bench.disk(2).base.index, 0U);
  bench.restart(2);
  EXPECT_EQ(bench.at(2).log().members(), members_bench::members(2));
}

} // namespace
} // namespace agora
