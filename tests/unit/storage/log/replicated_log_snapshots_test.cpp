// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// A member that needs entries which are gone is sent the state: laid down
// beside the old one, and taken into use in one batch.
#include "tests/support/log_members.hpp"

#include <gmock/gmock.h>

namespace agora {
namespace {

class ReplicatedLogSnapshots : public testing::Test {
protected:
  static log_settings keeps_nothing() {
    auto settings = log_members::quick();
    settings.retained_entries = 0;
    settings.trim_step = 1;
    return settings;
  }

  explicit ReplicatedLogSnapshots(store_limits limits = {})
    : all(3, keeps_nothing(), limits) {
    all.elect(1);
    all.tick_all(2);
  }

  void propose(int count) {
    for (; count > 0; --count) {
      all.propose(1, {"entry"});
      all.tick_all(1);
    }
  }

  /// Member 3 misses so many entries, and a snapshot is ordered for it.
  void leave_behind(int count = 20) {
    all.cut = {3};
    propose(count);
    all.cut.clear();
    for (int i = 0; i < 10 && all.snapshots.empty(); ++i)
      all.tick_all(1);
    ASSERT_EQ(all.snapshots.front(), (std::pair<uint64_t, uint64_t>{1, 3}));
  }

  void send_all(size_t part_bytes = 20) {
    while (!all.transfers.front().complete())
      ASSERT_FALSE(all.send_part(all.transfers.front(), part_bytes));
  }

  /// How many records of states there are, in use or not.
  size_t state_records(uint64_t n) {
    size_t count = 0;
    EXPECT_FALSE(all.at(n).disk->scan("log/log/state/", {}, [&](auto, auto) {
      ++count;
      return visit::more;
    }));
    return count;
  }

  void expect_recovery() {
    all.at(3).slow = all.at(3).busy = false;
    for (int i = 0; i < 30; ++i) {
      all.tick_all(1);
      all.send_snapshots();
    }
    propose(3);
    all.tick_all(3);
    all.expect_all_equal();
    EXPECT_EQ(state_records(3), 8U);
  }

  log_members all;
};

class ReplicatedLogSnapshotsOnABusyDisk : public ReplicatedLogSnapshots {
protected:
  ReplicatedLogSnapshotsOnABusyDisk()
    : ReplicatedLogSnapshots(store_limits{.queued_batches = 6}) {
    // nop
  }
};

TEST_F(ReplicatedLogSnapshots, ComeInPartsAndReplaceTheState) {
  leave_behind();
  all.begin_snapshot();
  auto parts = 0;
  for (auto& one = all.transfers.front(); !one.complete(); ++parts)
    ASSERT_FALSE(all.send_part(one, 20));
  EXPECT_GT(parts, 2);
  EXPECT_TRUE(all.install());
  all.settle();
  EXPECT_EQ(all.at(3).loads, 1);
  EXPECT_EQ(state_records(3), 8U);
  expect_recovery();
  EXPECT_EQ(all.at(3).loads, 1);
  ASSERT_FALSE(all.log(1).transfer(member_uid{3}));
  all.tick_all(1);
  EXPECT_TRUE(all.leads(3));
  all.propose(3, {"of the one that was away"});
  all.tick_all(3);
  all.expect_all_equal();
}

TEST_F(ReplicatedLogSnapshots, CountWhenTheyAreOnDisk) {
  leave_behind();
  auto old = all.at(3).applied;
  all.at(3).slow = true;
  all.begin_snapshot();
  auto mark = all.transfers.front().what.mark();
  send_all();
  EXPECT_TRUE(all.install());
  EXPECT_EQ(code_of(all.log(3).snapshot().error()), errc::conflict);
  while (all.at(3).disk->queued() > 1) {
    all.persist(3, 1);
    EXPECT_EQ(all.check_stored(3), old);
    EXPECT_EQ(all.at(3).loads, 0);
    EXPECT_TRUE(all.log(3).take_committed(100)->empty());
  }
  // The receiver has not said yet that it has it.
  EXPECT_EQ(all.log(1).machine().leads()->progress_of(member_uid{3})->match(),
            old);
  all.persist(3);
  EXPECT_EQ(all.at(3).loads, 1);
  EXPECT_EQ(all.check_stored(3), mark.last.index);
  EXPECT_EQ(all.log(3).snapshot()->mark().last, mark.last);
  expect_recovery();
}

// What comes behind it waits until the owner has loaded the new state.
TEST_F(ReplicatedLogSnapshots, NothingIsHandedOutBeforeTheOwnerWasTold) {
  leave_behind();
  all.begin_snapshot();
  send_all();
  auto of = std::move(all.transfers.front());
  all.transfers.clear();
  ASSERT_TRUE(all.log(3).install(of.what.mark(), member_uid{of.from}, of.term));
  EXPECT_TRUE(all.log(3).take_committed(100)->empty());
  ASSERT_TRUE(all.log(3).carry_on());
  EXPECT_TRUE(all.log(3).take_committed(100)->empty());
  all.at(3).disk->persist();
  ASSERT_TRUE(all.log(3).carry_on());
  consensus_message next{
    member_uid{1}, member_uid{3}, of.term,
    append_request{of.what.mark().last,
                   {std::make_shared<const log_entry>(log_entry{
                     of.what.mark().last.index + 1, of.term, "next"})},
                   of.what.mark().last.index + 1}};
  all.log(3).receive(next);
  ASSERT_TRUE(all.log(3).carry_on());
  EXPECT_TRUE(all.log(3).take_committed(100)->empty());
  EXPECT_EQ(all.log(3).take_installed(), of.what.mark().last.index);
  EXPECT_EQ(all.log(3).take_installed(), std::nullopt);
  auto taken = all.log(3).take_committed(100);
  ASSERT_EQ(taken->size(), 1U);
  EXPECT_EQ(taken->front()->payload, "next");
}

// The owner was still busy with entries that the snapshot has overtaken.
TEST_F(ReplicatedLogSnapshots, WhatIsAppliedToTheOldStateIsIgnored) {
  all.at(3).busy = true;
  propose(2);
  all.tick_all(2);
  all.take(3);
  ASSERT_EQ(all.at(3).taken.size(), 2U);
  leave_behind();
  all.begin_snapshot();
  send_all();
  auto late = [&] {
    write_batch changes;
    changes.put("digest", "of the old state");
    return all.log(3).applied(all.at(3).taken.front()->index,
                              std::move(changes));
  };
  all.at(3).slow = true;
  auto taken = all.at(3).taken;
  ASSERT_TRUE(all.install());
  ASSERT_FALSE(late());
  all.persist(3);
  all.at(3).taken = taken;
  ASSERT_FALSE(late());
  all.at(3).taken.clear();
  all.persist(3);
  EXPECT_EQ(all.check_stored(3), all.log(3).applied_index());
  expect_recovery();
}

TEST_F(ReplicatedLogSnapshots, ACrashWhileTheyComeLeavesTheOldState) {
  for (size_t survivors = 0; survivors <= 6; ++survivors) {
    SCOPED_TRACE(survivors);
    leave_behind();
    auto old = all.at(3).applied;
    all.at(3).slow = true;
    all.begin_snapshot();
    for (int i = 0; i < 3; ++i)
      ASSERT_FALSE(all.send_part(all.transfers.front(), 20));
    all.crash(3, survivors);
    all.start(3);
    EXPECT_EQ(all.at(3).applied, old);
    // The sender notices, too.
    all.log(1).snapshot_ended(member_uid{3}, 0);
    all.carry_on(1);
    all.at(3).slow = false;
    all.settle();
    EXPECT_EQ(state_records(3), old == 0 ? 0U : std::min<size_t>(old, 7) + 1);
    expect_recovery();
  }
}

TEST_F(ReplicatedLogSnapshots, ACrashAtTheEndLeavesTheOldStateOrTheNew) {
  std::set<bool> outcomes;
  for (size_t survivors = 0; survivors <= 16; ++survivors) {
    SCOPED_TRACE(survivors);
    leave_behind();
    auto old = all.at(3).applied;
    all.at(3).slow = true;
    all.begin_snapshot();
    auto mark = all.transfers.front().what.mark();
    send_all();
    ASSERT_TRUE(all.install());
    all.settle();
    all.crash(3, survivors);
    all.start(3);
    // log_members has checked that it is whole.
    auto is_new = all.at(3).applied != old;
    EXPECT_EQ(all.at(3).applied, is_new ? mark.last.index : old);
    outcomes.insert(is_new);
    all.log(1).peer_lost(member_uid{3});
    expect_recovery();
  }
  EXPECT_EQ(outcomes.size(), 2U);
}

// Entries that follow go into the same order as the install, in parts.
TEST_F(ReplicatedLogSnapshots, EntriesBehindThemAreThereOrNot) {
  for (size_t survivors = 0; survivors <= 16; ++survivors) {
    SCOPED_TRACE(survivors);
    leave_behind();
    all.at(3).slow = true;
    all.begin_snapshot();
    auto mark = all.transfers.front().what.mark();
    send_all();
    auto of = std::move(all.transfers.front());
    all.transfers.clear();
    all.propose(1, {"behind"});
    ASSERT_TRUE(
      all.log(3).install(of.what.mark(), member_uid{of.from}, of.term));
    all.log(3).receive({member_uid{1}, member_uid{3}, of.term,
                        append_request{mark.last,
                                       {all.view(1).find(mark.last.index + 1)},
                                       mark.last.index + 1}});
    all.carry_on(3);
    all.crash(3, survivors);
    all.start(3);
    all.log(1).peer_lost(member_uid{3});
    all.log(1).snapshot_ended(member_uid{3}, 0);
    expect_recovery();
  }
}

TEST_F(ReplicatedLogSnapshots, AreOfOneMomentHoweverLongTheyTake) {
  leave_behind();
  all.begin_snapshot();
  auto mark = all.transfers.front().what.mark();
  while (!all.transfers.front().complete()) {
    ASSERT_FALSE(all.send_part(all.transfers.front(), 10));
    propose(1);
  }
  EXPECT_TRUE(all.install());
  // No tick: nothing else has reached it.
  all.persist(3);
  EXPECT_EQ(all.check_stored(3), mark.last.index);
  expect_recovery();
}

TEST_F(ReplicatedLogSnapshots, ANewOneBeginsFromNothing) {
  leave_behind();
  all.begin_snapshot();
  write_batch other;
  other.put("of another one", "");
  ASSERT_FALSE(all.log(3).stage(std::move(other)));
  all.log(3).begin_staging();
  send_all();
  EXPECT_TRUE(all.install());
  all.settle();
  // log_members counts the records.
  EXPECT_EQ(all.at(3).loads, 1);
  expect_recovery();
}

// The next one comes before the last is on disk.
TEST_F(ReplicatedLogSnapshots, TwoInARow) {
  leave_behind();
  all.at(3).slow = true;
  all.begin_snapshot();
  send_all();
  ASSERT_TRUE(all.install());
  all.log(1).peer_lost(member_uid{3});
  propose(3);
  all.snapshots.clear();
  all.snapshots.emplace_back(1, 3);
  all.begin_snapshot();
  auto mark = all.transfers.front().what.mark();
  send_all();
  ASSERT_TRUE(all.install());
  while (all.at(3).disk->queued() > 0)
    all.persist(3, 1);
  EXPECT_EQ(all.at(3).loads, 1);
  EXPECT_EQ(all.at(3).applied, mark.last.index);
  EXPECT_EQ(state_records(3), 8U);
  expect_recovery();
}

TEST_F(ReplicatedLogSnapshots, WhatIsNotNeededIsNotTaken) {
  leave_behind();
  all.begin_snapshot();
  send_all();
  auto of = std::move(all.transfers.front());
  all.transfers.clear();
  EXPECT_FALSE(
    all.log(3).install(of.what.mark(), member_uid{of.from}, of.term - 1));
  EXPECT_FALSE(
    all.log(2).install(of.what.mark(), member_uid{of.from}, of.term));
  all.settle();
  EXPECT_EQ(all.at(3).loads, 0);
  auto old = all.check_stored(3);
  EXPECT_LT(old, of.what.mark().last.index);
  EXPECT_EQ(state_records(3), old + 1);
  all.log(1).snapshot_ended(member_uid{3}, 0);
  all.carry_on(1);
  expect_recovery();
}

// What a peer sends does not end the process.
TEST_F(ReplicatedLogSnapshots, PartsThatAreTooLargeAreRefused) {
  leave_behind();
  all.begin_snapshot();
  write_batch part;
  part.put(std::string(5000, 'k'), "");
  EXPECT_EQ(code_of(all.log(3).stage(std::move(part))), errc::too_large);
  ASSERT_TRUE(all.log(3).carry_on());
  send_all();
  EXPECT_TRUE(all.install());
  expect_recovery();
}

TEST_F(ReplicatedLogSnapshotsOnABusyDisk, PartsWaitUntilThereIsRoom) {
  leave_behind();
  all.at(3).slow = true;
  all.begin_snapshot();
  auto refused = 0;
  auto& one = all.transfers.front();
  while (!one.complete()) {
    auto bad = all.send_part(one, 1);
    if (!bad)
      continue;
    ASSERT_EQ(code_of(bad), errc::limit_reached);
    ++refused;
    all.at(3).woken = false;
    all.at(3).disk->persist(1);
    EXPECT_TRUE(all.at(3).woken);
    all.carry_on(3);
  }
  EXPECT_GT(refused, 0);
  EXPECT_TRUE(all.install());
  expect_recovery();
}

} // namespace
} // namespace agora
