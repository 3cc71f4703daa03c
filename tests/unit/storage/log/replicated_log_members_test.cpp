// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// Three members, each with its disk. log_members checks all the time that they
// agree.
#include "storage/store/store_keys.hpp"
#include "tests/support/log_members.hpp"

#include <gmock/gmock.h>

namespace agora {
namespace {

using testing::ElementsAre;

std::string entry_key(uint64_t index) {
  return store_keys::numbered("log/log/entry/", index);
}

bool has_entry(log_members& all, uint64_t n, uint64_t index) {
  return all.at(n).disk->get(entry_key(index))->has_value();
}

TEST(ReplicatedLogMembers, ElectOneAndAgree) {
  log_members all{3};
  all.elect(1);
  for (uint64_t n = 1; n <= 3; ++n) {
    EXPECT_EQ(all.log(n).cluster_id(), "cluster");
    EXPECT_EQ(all.view(n).members().voters(), 3U);
    EXPECT_EQ(all.log(n).machine().leader(), member_uid{1});
  }
  EXPECT_EQ(all.propose(1, {"a", "b"}), 3U);
  EXPECT_EQ(code_of(all.log(2).propose({"c"}).error()), errc::not_leader);
  all.tick_all(2);
  EXPECT_THAT(all.commands(), ElementsAre("a", "b"));
  all.expect_all_equal();
}

TEST(ReplicatedLogMembers, TwoDisksCommitAndOneDoesNot) {
  log_members all{3};
  all.elect(1);
  all.at(2).slow = all.at(3).slow = true;
  all.propose(1, {"a"});
  all.settle();
  EXPECT_TRUE(has_entry(all, 1, 3));
  EXPECT_EQ(all.view(1).commit_index(), 2U);
  EXPECT_TRUE(all.commands().empty());
  all.persist(2);
  all.settle();
  EXPECT_EQ(all.view(1).commit_index(), 3U);
  EXPECT_THAT(all.commands(), ElementsAre("a"));
}

// The majority does not need the leader's disk; the leader's state needs it.
TEST(ReplicatedLogMembers, ALeadersCommitMayBeAheadOfItsOwnDisk) {
  for (size_t survivors = 0; survivors <= 3; ++survivors) {
    SCOPED_TRACE(survivors);
    auto settings = log_members::quick();
    settings.retained_entries = 0;
    settings.trim_step = 1;
    log_members all{3, settings};
    all.elect(1);
    all.at(1).slow = true;
    all.propose(1, {"a"});
    all.settle();
    EXPECT_EQ(all.at(1).applied, 3U);
    EXPECT_EQ(all.view(1).persisted_index(), 2U);
    EXPECT_FALSE(has_entry(all, 1, 3));
    // What is removed of the log is on the disk.
    EXPECT_LE(all.view(1).base().index, 2U);
    EXPECT_GE(all.at(1).disk->queued(), 2U);
    all.crash(1, survivors);
    all.start(1);
    all.at(1).slow = false;
    EXPECT_EQ(has_entry(all, 1, 3), survivors > 0);
    EXPECT_NE(all.elect(), 0U);
    all.tick_all(3);
    EXPECT_THAT(all.commands(), ElementsAre("a"));
    all.expect_all_equal();
  }
}

// A follower hears at once that entries are committed which its disk does not
// have; it hands them out when an order to write them is under way.
TEST(ReplicatedLogMembers, NothingIsHandedOutThatTheDiskWasNotAskedToTake) {
  log_members all{3};
  all.elect(1);
  all.tick_all(2);
  all.cut = {3};
  all.propose(1, {"a"});
  all.settle();
  all.tick(1, 2);
  all.settle();
  EXPECT_EQ(all.view(1).commit_index(), 3U);
  all.cut.clear();
  consensus_message late{member_uid{1}, member_uid{3},
                         all.log(1).machine().term(),
                         append_request{{2, 2}, {all.view(1).find(3)}, 3}};
  all.log(3).receive(late);
  EXPECT_EQ(all.view(3).commit_index(), 3U);
  EXPECT_TRUE(all.log(3).take_committed(10)->empty());
  all.carry_on(3);
  all.take(3);
  EXPECT_EQ(all.log(3).taken_index(), 3U);
  all.apply(3);
  // In this order.
  all.at(3).disk->persist(1);
  EXPECT_TRUE(has_entry(all, 3, 3));
  EXPECT_EQ(all.check_stored(3), 2U);
}

TEST(ReplicatedLogMembers, AVoteIsGivenWhenItIsOnDisk) {
  log_members all{3};
  all.at(2).slow = all.at(3).slow = true;
  for (int i = 0; i < 30; ++i) {
    all.tick(1);
    all.settle();
  }
  EXPECT_EQ(all.log(1).machine().role(), consensus_role::pre_candidate);
  all.at(2).slow = false;
  all.settle();
  all.elect(1);
  EXPECT_EQ(all.log(2).machine().vote().vote, member_uid{1});
  all.crash(2);
  all.start(2);
  EXPECT_EQ(all.log(2).machine().vote(),
            (vote_record{all.log(1).machine().term(), member_uid{1}}));
}

// Whoever has anything of a cluster knows of which: see log_members::open.
TEST(ReplicatedLogMembers, ToBelongToAClusterIsOnDiskBeforeItsEntries) {
  for (size_t survivors = 0; survivors <= 4; ++survivors) {
    log_members all{3};
    all.at(3).slow = true;
    all.elect(1);
    all.propose(1, {"a"});
    all.settle();
    EXPECT_EQ(all.log(3).cluster_id(), "cluster");
    all.crash(3, survivors);
    all.start(3);
    EXPECT_EQ(all.log(3).cluster_id(), survivors < 2 ? "" : "cluster");
    all.at(3).slow = false;
    all.tick_all(20);
    all.expect_all_equal();
  }
}

TEST(ReplicatedLogMembers, AMemberThatLagsIsServedFromTheDisk) {
  auto settings = log_members::quick();
  settings.consensus.tail_bytes = 0;
  settings.consensus.append_bytes = 30;
  log_members all{3, settings};
  all.elect(1);
  all.crash(3);
  for (int i = 0; i < 50; ++i) {
    all.propose(1, {"entry " + std::to_string(i)});
    all.settle();
  }
  EXPECT_EQ(all.view(1).find(20), nullptr);
  all.start(3);
  all.tick_all(4);
  EXPECT_TRUE(all.snapshots.empty());
  EXPECT_EQ(all.at(3).loads, 0);
  all.expect_all_equal();
}

// Entries are read from the disk for whom needs them; damage of the leader's
// disk ends the leader, and does not travel.
TEST(ReplicatedLogMembers, ADamagedEntryIsNotSent) {
  auto settings = log_members::quick();
  settings.consensus.tail_bytes = 0;
  log_members all{3, settings};
  all.elect(1);
  all.crash(3);
  all.propose(1, {"a", "b", "c"});
  all.settle();
  all.start(3);
  auto record = **all.at(1).disk->get(entry_key(4));
  record.back() ^= 1;
  all.at(1).disk->crash();
  write_batch batch;
  batch.put(entry_key(4), record);
  ASSERT_FALSE(all.at(1).disk->write_now(std::move(batch)));
  all.log(1).peer_lost(member_uid{3});
  status bad;
  for (int i = 0; i < 10 && !bad; ++i) {
    all.log(1).tick();
    auto todo = all.log(1).carry_on();
    if (!todo)
      bad = todo.error();
    all.log(1).receive({member_uid{3}, member_uid{1},
                        all.log(1).machine().term(), heartbeat_answer{}});
    for (uint64_t at = 5; at >= 2; --at)
      all.log(1).receive({member_uid{3}, member_uid{1},
                          all.log(1).machine().term(),
                          append_answer{false, at, {2, 2}}});
  }
  EXPECT_EQ(code_of(bad), errc::store_corrupt);
  EXPECT_THAT(text_of(bad), testing::HasSubstr("entry 4 is damaged"));
}

TEST(ReplicatedLogMembers, WhatALogHasOtherwiseIsCutOffOnItsDisk) {
  for (size_t survivors = 0; survivors <= 2; ++survivors) {
    SCOPED_TRACE(survivors);
    log_members all{3};
    all.elect(1);
    all.cut = {1};
    all.propose(1, {"x", "x", "x", "x", "x"});
    all.settle();
    EXPECT_TRUE(has_entry(all, 1, 7));
    auto leader = all.elect();
    ASSERT_NE(leader, 1U);
    all.propose(leader, {"a"});
    all.settle();
    all.cut.clear();
    all.at(1).slow = true;
    all.tick_all(12);
    EXPECT_TRUE(has_entry(all, 1, 7));
    all.crash(1, survivors);
    all.start(1);
    all.at(1).slow = false;
    all.tick_all(12);
    EXPECT_FALSE(has_entry(all, 1, 7));
    EXPECT_THAT(all.commands(), ElementsAre("a"));
    all.expect_all_equal();
  }
}

// A follower that is sent much at once; its parts survive one by one.
TEST(ReplicatedLogMembers, AFollowersEntriesOverBatchBytesGoInParts) {
  auto settings = log_members::quick();
  settings.batch_bytes = 10;
  for (size_t survivors = 0; survivors <= 4; ++survivors) {
    SCOPED_TRACE(survivors);
    log_members all{3, settings};
    all.elect(1);
    all.at(3).slow = true;
    all.propose(1, {"123456", "123456", "1234567890", "1"});
    all.settle();
    all.at(3).disk->persist(2);
    all.carry_on(3);
    EXPECT_EQ(all.view(3).persisted_index(), 2U);
    all.crash(3, survivors);
    all.start(3);
    EXPECT_EQ(all.view(3).last_index(), survivors == 0 ? 5U : 6U);
    all.at(3).slow = false;
    all.tick_all(4);
    all.expect_all_equal();
  }
}

TEST(ReplicatedLogMembers, AllCrashAtOnceAndNothingAcknowledgedIsLost) {
  for (size_t survivors = 0; survivors <= 5; ++survivors) {
    SCOPED_TRACE(survivors);
    log_members all{3};
    all.elect(1);
    all.propose(1, {"a"});
    all.settle();
    all.at(1).slow = all.at(2).slow = all.at(3).slow = true;
    all.propose(1, {"b"});
    all.settle();
    for (uint64_t n = 1; n <= 3; ++n)
      all.crash(n, n == 2 ? survivors : 0);
    for (uint64_t n = 1; n <= 3; ++n) {
      all.start(n);
      all.at(n).slow = false;
    }
    ASSERT_NE(all.elect(), 0U);
    all.tick_all(20);
    EXPECT_EQ(all.commands().front(), "a");
    all.expect_all_equal();
  }
}

TEST(ReplicatedLogMembers, LeadershipIsHandedOverAndReadsArePermitted) {
  log_members all{3};
  all.elect(1);
  ASSERT_FALSE(all.log(1).transfer(member_uid{2}));
  EXPECT_EQ(code_of(all.log(1).propose({"a"}).error()), errc::conflict);
  all.carry_on(1);
  all.settle();
  EXPECT_TRUE(all.leads(2));
  all.tick_all(2);
  ASSERT_FALSE(all.log(2).read_index(7));
  std::vector<read_permit> permits;
  auto todo = all.log(2).carry_on();
  all.wire.insert(all.wire.end(), todo->send.begin(), todo->send.end());
  all.cut = {1};
  while (!all.wire.empty()) {
    auto message = all.wire.front();
    all.wire.pop_front();
    if (all.cut.contains(message.to.value))
      continue;
    auto n = message.to.value;
    all.log(n).receive(message);
    auto more = all.log(n).carry_on();
    all.wire.insert(all.wire.end(), more->send.begin(), more->send.end());
    permits.insert(permits.end(), more->permits.begin(), more->permits.end());
  }
  ASSERT_EQ(permits.size(), 1U);
  EXPECT_EQ(permits[0].id, 7U);
  EXPECT_EQ(permits[0].index, all.view(2).commit_index());
}

} // namespace
} // namespace agora
