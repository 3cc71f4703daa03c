// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/storage/consensus/members_bench.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace agora {
namespace {

using role = consensus_role;

TEST(Replication, WhatAQuorumHasIsCommittedAndToldWithinATick) {
  members_bench bench{3};
  bench.elect(1);
  auto index = bench.propose(1);
  bench.deliver_all();
  EXPECT_EQ(bench.at(1).log().commit_index(), index);
  bench.tick_all(1);
  EXPECT_EQ(bench.committed_everywhere(), index);
}

TEST(Replication, EntriesAreAcknowledgedWhenTheyAreOnDisk) {
  members_bench bench{3};
  bench.elect(1);
  bench.isolate(3);
  bench.hold_disk(2);
  auto index = bench.propose(1);
  bench.deliver_all();
  EXPECT_EQ(bench.at(2).log().last_index(), index);
  EXPECT_LT(bench.at(1).log().commit_index(), index);
  bench.free_disk(2);
  bench.deliver_all();
  EXPECT_EQ(bench.at(1).log().commit_index(), index);
}

TEST(Replication, ACrashBetweenSendAndPersistOfAFollowerIsRepaired) {
  members_bench bench{3};
  bench.elect(1);
  bench.isolate(3);
  bench.hold_disk(2);
  auto index = bench.propose(1);
  bench.deliver_all();
  bench.restart(2);
  bench.free_disk(2);
  EXPECT_EQ(bench.at(2).log().last_index(), index - 1);
  bench.tick_all(4);
  EXPECT_EQ(bench.at(2).log().commit_index(), index);
}

TEST(Replication, ACrashBetweenPersistAndSendOfAFollowerKeepsTheEntry) {
  members_bench bench{3};
  bench.elect(1);
  bench.isolate(3);
  bench.hold_disk(2);
  auto index = bench.propose(1);
  bench.deliver_all();
  bench.disk(2).finish_one();
  bench.restart(2);
  bench.free_disk(2);
  EXPECT_EQ(bench.at(2).log().last_index(), index);
  EXPECT_LT(bench.at(1).log().commit_index(), index) << "it never heard of it";
  bench.tick_all(4);
  EXPECT_EQ(bench.at(1).log().commit_index(), index);
}

TEST(Replication, ALeadersEntriesAreSentBeforeTheyAreOnItsDisk) {
  members_bench bench{3};
  bench.elect(1);
  bench.hold_disk(1);
  bench.isolate(3);
  auto index = bench.propose(1);
  bench.deliver_all();
  EXPECT_EQ(bench.disk(2).last_index(), index);
  EXPECT_EQ(bench.disk(1).last_index(), index - 1);
  EXPECT_LT(bench.at(1).log().commit_index(), index) << "counted too early";
  bench.free_disk(1);
  EXPECT_EQ(bench.at(1).log().commit_index(), index);
}

TEST(Replication, ASlowDiskOfTheLeaderDoesNotHoldUpAQuorumOfFollowers) {
  members_bench bench{3};
  bench.elect(1);
  bench.hold_disk(1);
  auto index = bench.propose(1);
  bench.deliver_all();
  EXPECT_EQ(bench.at(1).log().commit_index(), index);
  bench.restart(1);
  bench.free_disk(1);
  EXPECT_EQ(bench.at(1).log().last_index(), index - 1);
  bench.tick_all(60);
  EXPECT_GE(bench.committed_everywhere(), index);
}

TEST(Replication, AnIsolatedLeaderCommitsNothingAndStepsDown) {
  members_bench bench{3};
  bench.elect(1);
  bench.tick_all(10); // It counts anew.
  bench.isolate(1);
  auto index = bench.propose(1, "lost");
  ASSERT_FALSE(bench.at(1).read_index(7));
  bench.tick(1, 9);
  EXPECT_EQ(bench.at(1).role(), role::leader);
  bench.tick(1, 11);
  EXPECT_EQ(bench.at(1).role(), role::follower);
  EXPECT_EQ(bench.at(1).leader(), member_uid{});
  EXPECT_LT(bench.at(1).log().commit_index(), index);
  ASSERT_EQ(bench.permits.count(1), 1U);
  EXPECT_EQ(bench.permits.find(1)->second.index, 0U) << "refused";
}

TEST(Replication, WhatAnIsolatedLeaderAppendedIsReplaced) {
  members_bench bench{3};
  bench.elect(1);
  bench.isolate(1);
  auto index = bench.propose(1, "lost");
  bench.tick(1, 20);
  bench.tick(2, 10);
  bench.tick(3, 10);
  bench.elect(2);
  auto kept = bench.propose(2, "kept");
  bench.deliver_all();
  bench.rejoin(1);
  bench.tick_all(40);
  EXPECT_GE(bench.committed_everywhere(), kept);
  ASSERT_LE(index, kept);
  EXPECT_EQ(bench.disk(1).find(kept)->payload, "kept");
  EXPECT_NE(bench.disk(1).find(index)->payload, "lost");
}

TEST(Replication, DoubledReorderedAndDelayedMessagesDoNoHarm) {
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 chance{seed};
    members_bench bench{3, one_entry_a_message()};
    bench.elect(1);
    std::vector<consensus_message> late;
    for (auto i = 0; i < 20; ++i) {
      bench.propose(1, std::to_string(i));
      bench.wire.insert(bench.wire.end(), late.begin(), late.end());
      late.assign(bench.wire.begin(), bench.wire.end());
      std::shuffle(bench.wire.begin(), bench.wire.end(), chance);
      bench.deliver_all();
    }
    bench.tick_all(4);
    EXPECT_EQ(bench.committed_everywhere(), 22U);
  }
}

TEST(Replication, LostRequestsAreSentAgain) {
  members_bench bench{3};
  bench.elect(1);
  bench.drop = is<append_request>;
  auto index = bench.propose(1);
  bench.deliver_all();
  bench.drop = nullptr;
  EXPECT_LT(bench.at(1).log().commit_index(), index);
  bench.tick_all(4);
  EXPECT_EQ(bench.committed_everywhere(), index);
}

TEST(Replication, AFullWindowIsLookedAtAgainAfterALoss) {
  auto settings = one_entry_a_message();
  settings.window.messages = 2;
  members_bench bench{3, settings};
  bench.elect(1);
  bench.drop = is<append_request>;
  uint64_t index = 0;
  for (auto i = 0; i < 10; ++i)
    index = bench.propose(1);
  bench.deliver_all();
  EXPECT_EQ(bench.at(1).leads()->progress_of(member_uid{2})->next(), 5U);
  bench.drop = nullptr;
  bench.tick_all(6);
  EXPECT_EQ(bench.committed_everywhere(), index);
}

TEST(Replication, AllMembersRestartAtOnceAndKeepWhatWasCommitted) {
  members_bench bench{3};
  bench.elect(1);
  auto index = bench.propose(1, "kept");
  bench.deliver_all();
  for (uint64_t n = 1; n <= 3; ++n)
    bench.restart(n);
  bench.wire.clear();
  bench.tick_all(60);
  EXPECT_GT(bench.committed_everywhere(), index);
  for (uint64_t n = 1; n <= 3; ++n)
    EXPECT_EQ(bench.disk(n).find(index)->payload, "kept");
}

TEST(Replication, EntriesThatLeftMemoryAreReadFromTheDisk) {
  auto settings = members_bench::quick();
  settings.tail_bytes = 100;
  members_bench bench{3, settings};
  bench.elect(1);
  bench.isolate(3);
  uint64_t index = 0;
  for (auto i = 0; i < 50; ++i) {
    index = bench.propose(1, std::string(10, 'x'));
    bench.deliver_all();
  }
  bench.rejoin(3);
  bench.tick_all(4);
  EXPECT_GT(bench.reads_of_disk, 0U);
  EXPECT_EQ(bench.committed_everywhere(), index);
}

TEST(Replication, ProposalsAreRefusedWhileTooMuchIsNotCommitted) {
  auto settings = members_bench::quick();
  settings.uncommitted_bytes = 100;
  members_bench bench{3, settings};
  EXPECT_EQ(code_of(bench.at(1).propose({"a"}).error()), errc::not_leader);
  bench.elect(1);
  bench.isolate(1);
  bench.propose(1, std::string(100, 'x'));
  auto last = bench.at(1).log().last_index();
  EXPECT_EQ(code_of(bench.at(1).propose({"a"}).error()), errc::limit_reached);
  EXPECT_EQ(bench.at(1).log().last_index(), last);
  bench.rejoin(1);
  bench.tick_all(4);
  EXPECT_TRUE(bench.at(1).propose({"a"}));
}

} // namespace
} // namespace agora
