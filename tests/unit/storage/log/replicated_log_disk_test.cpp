// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// One member: what it removes from its disk, and what it makes of damage and
// failures.
#include "storage/log/log_record_codec.hpp"
#include "tests/unit/storage/log/one_member_fixture.hpp"

#include <map>

namespace agora {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ReplicatedLogDisk : public one_member_fixture {};

// -- removing -----------------------------------------------------------------

TEST_F(ReplicatedLogDisk, KeepsATailAndRemovesTheRestInSteps) {
  open_and_apply();
  apply_to(7);
  EXPECT_TRUE(is_on_disk(1));
  apply_to(8);
  EXPECT_FALSE(is_on_disk(3));
  EXPECT_TRUE(is_on_disk(4));
  apply_to(20);
  EXPECT_FALSE(is_on_disk(15));
  EXPECT_TRUE(is_on_disk(16));
  auto members = log_->machine().log().members();
  crash();
  open();
  EXPECT_EQ(log_->applied_index(), 20U);
  EXPECT_EQ(log_->machine().log().base(), (log_position{2, 15}));
  EXPECT_EQ(log_->machine().log().members(), members);
  ASSERT_EQ(take().size(), 1U);
  ASSERT_FALSE(apply(21));
  apply_to(22);
}

TEST_F(ReplicatedLogDisk, RemovesByBytes) {
  settings_.retained_entries = 1000;
  settings_.retained_bytes = 100;
  settings_.trim_step = 1;
  open_and_apply();
  for (uint64_t i = 3; i <= 10; ++i) {
    propose({std::string(40, 'x')});
    persist();
    ASSERT_EQ(take().size(), 1U);
    ASSERT_FALSE(apply(i));
    persist();
  }
  persist();
  EXPECT_FALSE(is_on_disk(7));
  EXPECT_TRUE(is_on_disk(8));
}

TEST_F(ReplicatedLogDisk, MayKeepNoTail) {
  settings_.retained_entries = 0;
  settings_.trim_step = 1;
  open_and_apply();
  apply_to(5);
  // What the state on the disk needs stays, so all but the last.
  EXPECT_FALSE(is_on_disk(4));
  crash();
  open();
  EXPECT_EQ(log_->applied_index(), 5U);
  EXPECT_EQ(last_index(), 6U);
  ASSERT_EQ(take().size(), 1U);
  ASSERT_FALSE(apply(6));
  apply_to(8);
}

TEST_F(ReplicatedLogDisk, CompactsOnDemandAndGoesOnRemoving) {
  open_and_apply();
  apply_to(7);
  log_->compact(2);
  carry_on();
  persist();
  EXPECT_FALSE(is_on_disk(5));
  EXPECT_TRUE(is_on_disk(6));
  apply_to(30);
  EXPECT_FALSE(is_on_disk(24));
  EXPECT_TRUE(is_on_disk(25));
}

// The state's place in the log is known for as long as it may be sent.
TEST_F(ReplicatedLogDisk, WhatTheStoredStateStandsAtIsNotRemoved) {
  open_and_apply();
  propose({"a", "b", "c"});
  persist();
  ASSERT_EQ(take().size(), 3U);
  ASSERT_FALSE(apply(5, "k", "new"));
  log_->compact(0);
  auto snapshot = log_->snapshot();
  ASSERT_TRUE(snapshot) << describe(snapshot.error());
  EXPECT_EQ(snapshot->mark().last, (log_position{2, 2}));
  persist();
  log_->compact(0);
  EXPECT_EQ(log_->snapshot()->mark().last, (log_position{2, 5}));
  EXPECT_EQ(log_->machine().log().base().index, 5U);
  persist();
  EXPECT_EQ(log_->snapshot()->mark().last, (log_position{2, 5}));
}

// -- damage -------------------------------------------------------------------

TEST_F(ReplicatedLogDisk, ADamagedEntryRefusesTheStartWithItsIndex) {
  open();
  propose({"a", "b", "c"});
  persist();
  auto record = **disk_->get(entry_key(4));
  for (size_t bit = 0; bit < record.size() * 8; ++bit) {
    auto damaged = record;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    write_batch batch;
    batch.put(entry_key(4), damaged);
    change_disk(std::move(batch));
    expect_refused("entry 4 is damaged");
  }
  write_batch repaired;
  repaired.put(entry_key(4), record);
  change_disk(std::move(repaired));
  open();
  EXPECT_THAT(take_payloads(), ElementsAre("a", "b", "c"));
}

TEST_F(ReplicatedLogDisk, AnEntryDamagedWhileItRunsIsNotHandedOut) {
  settings_.consensus.tail_bytes = 0;
  open_and_apply();
  propose({"a"});
  persist();
  crash();
  write_batch batch;
  auto record = **disk_->get(entry_key(3));
  open();
  disk_->crash();
  record.back() ^= 1;
  batch.put(entry_key(3), record);
  ASSERT_FALSE(disk_->write_now(std::move(batch)));
  auto taken = log_->take_committed(1);
  ASSERT_FALSE(taken);
  EXPECT_EQ(code_of(taken.error()), errc::store_corrupt);
  EXPECT_THAT(text_of(taken.error()), HasSubstr("entry 3 is damaged"));
}

TEST_F(ReplicatedLogDisk, AnEntryInTheWrongPlaceIsDamage) {
  open();
  propose({"a", "b", "c"});
  persist();
  write_batch batch;
  batch.put(entry_key(4), **disk_->get(entry_key(5)));
  change_disk(std::move(batch));
  expect_refused("entry 4 is damaged");
}

TEST_F(ReplicatedLogDisk, AGapRefusesTheStart) {
  open();
  propose({"a", "b", "c"});
  persist();
  write_batch batch;
  batch.erase(entry_key(4));
  change_disk(std::move(batch));
  expect_refused("entry 4 is missing, but 5 is there");
}

TEST_F(ReplicatedLogDisk, TermsThatFallOrAreNotKnownRefuseTheStart) {
  open();
  propose({"a", "b"});
  persist();
  auto put = [&](log_entry entry) {
    write_batch batch;
    auto key = entry_key(entry.index);
    batch.put(key, log_record_codec::encode_entry(key, entry));
    change_disk(std::move(batch));
  };
  put({4, 1, "b"});
  expect_refused("entry 4 is damaged");
  // A term that this member has never been in.
  put({4, 3, "b"});
  expect_refused("entry 4 is damaged");
  put({4, 2, "b"});
  put({3, 2, "no members", entry_kind::configuration});
  expect_refused("entry 3 is damaged");
}

TEST_F(ReplicatedLogDisk, AMissingEndThatWasAppliedRefusesTheStart) {
  open_and_apply();
  apply_to(4);
  write_batch batch;
  batch.erase(entry_key(4));
  change_disk(std::move(batch));
  expect_refused("entry 4 is missing, but 4 was applied");
}

TEST_F(ReplicatedLogDisk, DamagedOrMissingMetaRefusesTheStart) {
  open_and_apply();
  apply_to(10);
  crash();
  const std::map<std::string, std::string> missing{
    {"vote", "entry 4 is damaged"},
    {"base", "entry 1 is missing, but 4 is there"},
    {"members", "meta/members is missing"},
    {"applied", "entries up to 3 were removed, but only 0 was applied"}};
  for (auto what : {"vote", "base", "members", "applied", "cluster"}) {
    SCOPED_TRACE(what);
    auto key = std::string{"log/test/meta/"} + what;
    auto record = **disk_->get(key);
    for (size_t bit = 0; bit < record.size() * 8; bit += 3) {
      auto damaged = record;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
      write_batch batch;
      batch.put(key, damaged);
      change_disk(std::move(batch));
      expect_refused(key + " is damaged");
    }
    if (auto text = missing.find(what); text != missing.end()) {
      write_batch batch;
      batch.erase(key);
      change_disk(std::move(batch));
      expect_refused(text->second);
    }
    write_batch repaired;
    repaired.put(key, record);
    change_disk(std::move(repaired));
  }
  open();
  EXPECT_EQ(log_->applied_index(), 10U);
}

TEST_F(ReplicatedLogDisk, AnOlderLayoutIsRefused) {
  write_batch batch;
  batch.put("log/test/meta/epoch", "whatever stood here");
  ASSERT_FALSE(disk_->write_now(std::move(batch)));
  expect_refused("before logs had several members", errc::version_mismatch);
}

// -- failures, and others -----------------------------------------------------

TEST_F(ReplicatedLogDisk, AFailedDiskIsReportedAndNothingCommits) {
  open_and_apply();
  propose({"a"});
  disk_->fail_next_write(fail(errc::store_full, "(memory) is full"));
  disk_->persist();
  ASSERT_EQ(failures_.size(), 1U);
  EXPECT_EQ(code_of(failures_[0]), errc::store_full);
  carry_on();
  EXPECT_TRUE(take().empty());
  static_cast<void>(log_->propose({"b"}));
  EXPECT_EQ(code_of(log_->carry_on().error()), errc::io_failed);
  EXPECT_EQ(refusal_of({"c"}), errc::io_failed);
  EXPECT_EQ(commit_index(), 2U);
}

TEST_F(ReplicatedLogDisk, WhoListensToAFailedDiskHearsOfIt) {
  open();
  crash();
  load();
  disk_->fail_next_write(fail(errc::io_failed, "(memory) is gone"));
  write_batch batch;
  batch.put("another's", "");
  ASSERT_TRUE(disk_->write_now(std::move(batch)));
  listen();
  EXPECT_EQ(failures_.size(), 1U);
}

TEST_F(ReplicatedLogDisk, IsSilentOnceItIsGone) {
  open_and_apply();
  propose({"a"});
  log_.reset();
  disk_->persist();
  EXPECT_EQ(wakes_, 0);
}

TEST_F(ReplicatedLogDisk, SharesItsStoreWithOtherNames) {
  open();
  propose({"a"});
  persist();
  crash();
  auto other = replicated_log::open(disk_, "tester", settings_, 1);
  ASSERT_TRUE(other);
  EXPECT_EQ((*other)->machine().log().last_index(), 0U);
  EXPECT_EQ((*other)->cluster_id(), "");
}

TEST_F(ReplicatedLogDisk, WorksOnAnImmediateStore) {
  disk_ = std::make_shared<memory_store>(memory_store::mode::immediate);
  open_and_apply();
  propose({"a"});
  EXPECT_EQ(wakes_, 1);
  carry_on();
  EXPECT_THAT(take_payloads(), ElementsAre("a"));
}

} // namespace
} // namespace agora
