// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/log/single_member_log.hpp"
#include "storage/store/memory_store.hpp"
#include "storage/store/store_keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace agora {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string entry_key(uint64_t index) {
  return store_keys::numbered("log/test/entry/", index);
}

class SingleMemberLog : public testing::Test {
protected:
  SingleMemberLog() {
    settings_.inflight_entries = 100;
    settings_.retained_entries = 5;
    settings_.trim_step = 3;
  }

  void open() {
    log_.reset();
    auto opened = single_member_log::open(disk_, "test", settings_);
    ASSERT_TRUE(opened) << describe(opened.error());
    log_ = std::move(*opened);
    log_->listen({[this] {
                    ++wakes_;
                  },
                  [this](auto& what) {
                    failures_.push_back(what);
                  }});
  }

  void crash_and_open(size_t survivors = 0) {
    log_.reset();
    disk_->crash(survivors);
    open();
  }

  void expect_refused(const std::string& part) {
    log_.reset();
    disk_->crash();
    auto opened = single_member_log::open(disk_, "test", settings_);
    ASSERT_FALSE(opened);
    EXPECT_EQ(code_of(opened.error()), errc::store_corrupt);
    EXPECT_THAT(text_of(opened.error()), HasSubstr(part));
    EXPECT_THAT(text_of(opened.error()), HasSubstr("(memory): log test"));
  }

  void propose(std::vector<std::string> payloads) {
    auto proposed = log_->propose(std::move(payloads));
    ASSERT_TRUE(proposed) << describe(proposed.error());
  }

  errc refusal_of(std::vector<std::string> payloads) {
    auto proposed = log_->propose(std::move(payloads));
    return proposed ? errc::none : code_of(proposed.error());
  }

  std::vector<log_entry> take(size_t max = 1000) {
    auto taken = log_->take_committed(max);
    EXPECT_TRUE(taken) << describe(taken.error());
    return taken ? std::move(*taken) : std::vector<log_entry>{};
  }

  std::vector<std::string> take_payloads(size_t max = 1000) {
    std::vector<std::string> payloads;
    for (auto& entry : take(max))
      payloads.push_back(std::move(entry.payload));
    return payloads;
  }

  status apply(uint64_t index, std::string key = "k", std::string value = "v") {
    write_batch changes;
    changes.put(std::move(key), std::move(value));
    return log_->applied(index, std::move(changes));
  }

  void propose_and_apply(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      propose({"p" + std::to_string(log_->last_index() + 1)});
      disk_->persist();
      auto entries = take();
      ASSERT_EQ(entries.size(), 1U);
      ASSERT_FALSE(apply(entries[0].index));
    }
    disk_->persist();
  }

  void change_disk(write_batch batch) {
    log_.reset();
    disk_->crash();
    ASSERT_FALSE(disk_->write_now(std::move(batch)));
  }

  std::shared_ptr<memory_store> disk_ = std::make_shared<memory_store>(
    memory_store::mode::manual, store_limits{.queued_batches = 4});
  log_settings settings_;
  int wakes_ = 0;
  std::vector<status> failures_;
  std::unique_ptr<replicated_log> log_;
};

TEST_F(SingleMemberLog, StartsEmptyInItsFirstTerm) {
  open();
  EXPECT_EQ(to_string(log_->current_epoch()), "1.1");
  EXPECT_EQ(log_->last_index(), 0U);
  EXPECT_EQ(log_->commit_index(), 0U);
  EXPECT_EQ(log_->applied_index(), 0U);
  EXPECT_TRUE(take().empty());
  EXPECT_EQ(*log_->for_each_state([](auto, auto) {
    return visit::more;
  }),
            0U);
}

TEST_F(SingleMemberLog, NothingIsCommittedBeforeItIsOnDisk) {
  open();
  EXPECT_EQ(*log_->propose({"a", "b"}), 1U);
  EXPECT_EQ(*log_->propose({"c"}), 3U);
  EXPECT_EQ(log_->last_index(), 3U);
  EXPECT_EQ(log_->commit_index(), 0U);
  EXPECT_TRUE(take().empty());
  EXPECT_EQ(wakes_, 0);
  disk_->persist(1);
  EXPECT_EQ(wakes_, 1);
  EXPECT_EQ(log_->commit_index(), 2U);
  EXPECT_THAT(take(), ElementsAre(log_entry{1, 1, "a"}, log_entry{2, 1, "b"}));
  disk_->persist();
  EXPECT_EQ(log_->commit_index(), 3U);
  EXPECT_THAT(take(), ElementsAre(log_entry{3, 1, "c"}));
  EXPECT_TRUE(take().empty());
}

TEST_F(SingleMemberLog, TakesAtMostWhatIsAskedFor) {
  open();
  propose({"a", "b", "c", "d"});
  disk_->persist();
  EXPECT_THAT(take_payloads(3), ElementsAre("a", "b", "c"));
  EXPECT_THAT(take_payloads(0), ElementsAre());
  EXPECT_THAT(take_payloads(3), ElementsAre("d"));
}

TEST_F(SingleMemberLog, AppliedStatesAloneDoNotWake) {
  open();
  propose({"a"});
  disk_->persist();
  ASSERT_EQ(take().size(), 1U);
  ASSERT_FALSE(apply(1));
  disk_->persist();
  EXPECT_EQ(wakes_, 1);
}

TEST_F(SingleMemberLog, EveryStartIsANewTermWhateverHappened) {
  open();
  propose({"lost"});
  crash_and_open();
  EXPECT_EQ(to_string(log_->current_epoch()), "1.2");
  EXPECT_EQ(log_->last_index(), 0U);
  EXPECT_EQ(*log_->propose({"again"}), 1U);
  disk_->persist();
  EXPECT_THAT(take(), ElementsAre(log_entry{1, 2, "again"}));
  crash_and_open();
  crash_and_open();
  EXPECT_EQ(to_string(log_->current_epoch()), "1.4");
  EXPECT_THAT(take(), ElementsAre(log_entry{1, 2, "again"}));
}

// The crash between persisted and its report: nobody was told, but it is there.
TEST_F(SingleMemberLog, WhatReachedTheDiskUnreportedIsCommittedByTheNextStart) {
  open();
  propose({"a"});
  propose({"b"});
  crash_and_open(1);
  EXPECT_EQ(log_->commit_index(), 1U);
  EXPECT_THAT(take_payloads(), ElementsAre("a"));
}

TEST_F(SingleMemberLog, AStartHandsOutWhatWasNotApplied) {
  open();
  propose({"a", "b", "c"});
  disk_->persist();
  ASSERT_EQ(take().size(), 3U);
  ASSERT_FALSE(apply(2, "sum", "ab"));
  disk_->persist();
  // This one stays in the queue: its entry comes again, for the older state.
  ASSERT_FALSE(apply(3, "sum", "abc"));
  crash_and_open();
  EXPECT_EQ(log_->applied_index(), 2U);
  EXPECT_EQ(**log_->get_state("sum"), "ab");
  propose({"d"});
  EXPECT_THAT(take_payloads(), ElementsAre("c"));
  disk_->persist();
  EXPECT_THAT(take_payloads(), ElementsAre("d"));
  ASSERT_FALSE(apply(4, "sum", "abcd"));
}

TEST_F(SingleMemberLog, ReplayIsBoundedInEntriesAndBytes) {
  open();
  propose({"a", std::string(100, 'b'), "c", "d", "e"});
  disk_->persist();
  settings_.replay_bytes = 50;
  crash_and_open();
  propose({"f"});
  disk_->persist();
  EXPECT_EQ(take().size(), 2U);
  EXPECT_THAT(take_payloads(1), ElementsAre("c"));
  EXPECT_THAT(take_payloads(), ElementsAre("d", "e", "f"));
}

TEST_F(SingleMemberLog, StateIsVisitedAtOneIndexWithRelativeKeys) {
  open();
  propose({"a"});
  disk_->persist();
  ASSERT_EQ(take().size(), 1U);
  write_batch changes;
  changes.put("x/1", "1");
  changes.put("x/2", "2");
  changes.put("y", "3");
  ASSERT_FALSE(log_->applied(1, std::move(changes)));
  disk_->persist();
  propose({"b"});
  disk_->persist();
  ASSERT_EQ(take().size(), 1U);
  write_batch more;
  more.erase_prefix("x/");
  more.put("z", "4");
  ASSERT_FALSE(log_->applied(2, std::move(more)));
  auto visited = [&] {
    std::map<std::string, std::string> state;
    auto index = log_->for_each_state([&](auto key, auto value) {
      state.emplace(key, value);
      return visit::more;
    });
    return std::pair{*index, state};
  };
  using state = std::map<std::string, std::string>;
  EXPECT_EQ(visited(), (std::pair<uint64_t, state>{
                         1, {{"x/1", "1"}, {"x/2", "2"}, {"y", "3"}}}));
  disk_->persist();
  EXPECT_EQ(visited(),
            (std::pair<uint64_t, state>{2, {{"y", "3"}, {"z", "4"}}}));
}

TEST_F(SingleMemberLog, WhatIsInFlightIsBoundedInEntries) {
  open();
  EXPECT_EQ(refusal_of(std::vector<std::string>(101, "x")), errc::too_large);
  EXPECT_EQ(refusal_of({}), errc::invalid_argument);
  propose(std::vector<std::string>(60, "x"));
  EXPECT_EQ(refusal_of(std::vector<std::string>(41, "x")), errc::limit_reached);
  EXPECT_EQ(log_->last_index(), 60U);
  disk_->persist();
  ASSERT_EQ(take().size(), 60U);
  // Committed is not enough: the state must have taken them in.
  EXPECT_EQ(refusal_of(std::vector<std::string>(41, "x")), errc::limit_reached);
  ASSERT_FALSE(apply(1));
  EXPECT_EQ(*log_->propose(std::vector<std::string>(41, "x")), 61U);
}

TEST_F(SingleMemberLog, WhatIsInFlightIsBoundedInBytes) {
  settings_.inflight_bytes = 1000;
  settings_.payload_bytes = 500;
  open();
  EXPECT_EQ(refusal_of({std::string(501, 'x')}), errc::too_large);
  auto large = std::string(500, 'x');
  EXPECT_EQ(refusal_of({large, large, "x"}), errc::too_large);
  propose({large});
  propose({"x"});
  EXPECT_EQ(refusal_of({large}), errc::limit_reached);
  disk_->persist();
  ASSERT_EQ(take().size(), 2U);
  ASSERT_FALSE(apply(1));
  propose({large});
  EXPECT_EQ(log_->last_index(), 3U);
}

// The disk is behind: proposals are refused, applied states are not, and a
// wake-up comes when there is room.
TEST_F(SingleMemberLog, AppliedIsNeverRefusedForLoad) {
  open();
  propose({"a", "b", "c"});
  disk_->persist();
  ASSERT_EQ(take().size(), 3U);
  for (int i = 0; i < 4; ++i)
    propose({"fills the queue"});
  EXPECT_EQ(refusal_of({"no room"}), errc::limit_reached);
  ASSERT_FALSE(apply(1, "k", "1"));
  ASSERT_FALSE(apply(2, "k", "2"));
  EXPECT_EQ(log_->applied_index(), 2U);
  EXPECT_EQ(disk_->queued(), 4U);
  disk_->persist(1);
  EXPECT_EQ(wakes_, 2);
  // There is room for one, and applied states come first.
  EXPECT_EQ(refusal_of({"no room"}), errc::limit_reached);
  disk_->persist();
  EXPECT_EQ(wakes_, 3);
  EXPECT_EQ(take().size(), 4U);
  disk_->persist();
  EXPECT_EQ(**log_->get_state("k"), "2");
  ASSERT_FALSE(apply(3, "k", "3"));
  propose({"room"});
  crash_and_open(1);
  EXPECT_EQ(log_->applied_index(), 3U);
}

TEST_F(SingleMemberLog, ChangesTooLargeForTheStoreAreAnError) {
  open();
  propose({"a"});
  disk_->persist();
  ASSERT_EQ(take().size(), 1U);
  auto bad = apply(1, std::string(5000, 'k'));
  EXPECT_EQ(code_of(bad), errc::too_large);
  EXPECT_EQ(log_->applied_index(), 0U);
}

TEST_F(SingleMemberLog, KeepsATailAndRemovesTheRestInSteps) {
  open();
  auto has = [&](uint64_t index) {
    return disk_->get(entry_key(index))->has_value();
  };
  propose_and_apply(7);
  EXPECT_TRUE(has(1));
  propose_and_apply(1);
  EXPECT_FALSE(has(3));
  EXPECT_TRUE(has(4));
  propose_and_apply(12);
  EXPECT_FALSE(has(15));
  EXPECT_TRUE(has(16));
  crash_and_open();
  EXPECT_EQ(log_->applied_index(), 20U);
  EXPECT_EQ(log_->last_index(), 20U);
  EXPECT_TRUE(take().empty());
  propose_and_apply(1);
}

TEST_F(SingleMemberLog, MayKeepNoTail) {
  settings_.retained_entries = 0;
  settings_.trim_step = 1;
  open();
  propose_and_apply(3);
  EXPECT_FALSE(disk_->get(entry_key(3))->has_value());
  crash_and_open();
  EXPECT_EQ(log_->last_index(), 3U);
  propose_and_apply(2);
  EXPECT_EQ(log_->last_index(), 5U);
}

TEST_F(SingleMemberLog, ADamagedEntryRefusesTheStartWithItsIndex) {
  open();
  propose({"a", "b", "c"});
  disk_->persist();
  auto record = **disk_->get(entry_key(2));
  for (size_t bit = 0; bit < record.size() * 8; ++bit) {
    auto damaged = record;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    write_batch batch;
    batch.put(entry_key(2), damaged);
    change_disk(std::move(batch));
    expect_refused("entry 2 is damaged");
  }
  write_batch repaired;
  repaired.put(entry_key(2), record);
  change_disk(std::move(repaired));
  open();
  EXPECT_THAT(take_payloads(), ElementsAre("a", "b", "c"));
}

TEST_F(SingleMemberLog, AnEntryInTheWrongPlaceIsDamage) {
  open();
  propose({"a", "b", "c"});
  disk_->persist();
  write_batch batch;
  batch.put(entry_key(2), **disk_->get(entry_key(3)));
  change_disk(std::move(batch));
  expect_refused("entry 2 is damaged");
}

TEST_F(SingleMemberLog, AGapRefusesTheStart) {
  open();
  propose({"a", "b", "c"});
  disk_->persist();
  write_batch batch;
  batch.erase(entry_key(2));
  change_disk(std::move(batch));
  expect_refused("entry 2 is missing");
}

TEST_F(SingleMemberLog, AMissingEndThatWasAppliedRefusesTheStart) {
  open();
  propose_and_apply(3);
  write_batch batch;
  batch.erase(entry_key(3));
  change_disk(std::move(batch));
  expect_refused("entry 3 is missing, but 3 was applied");
}

TEST_F(SingleMemberLog, AMissingOrDamagedEpochRefusesTheStart) {
  open();
  propose_and_apply(1);
  auto record = **disk_->get("log/test/meta/epoch");
  write_batch missing;
  missing.erase("log/test/meta/epoch");
  change_disk(std::move(missing));
  expect_refused("its epoch is missing");
  record.back() ^= 1;
  write_batch damaged;
  damaged.put("log/test/meta/epoch", record);
  change_disk(std::move(damaged));
  expect_refused("meta/epoch is damaged");
}

TEST_F(SingleMemberLog, AFailedTermIsAFailedStart) {
  disk_->fail_next_write(fail(errc::store_full, "(memory) is full"));
  auto opened = single_member_log::open(disk_, "test", settings_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(code_of(opened.error()), errc::store_full);
}

TEST_F(SingleMemberLog, AFailedDiskIsReportedAndNothingCommits) {
  open();
  propose({"a"});
  disk_->fail_next_write(fail(errc::store_full, "(memory) is full"));
  disk_->persist();
  ASSERT_EQ(failures_.size(), 1U);
  EXPECT_EQ(code_of(failures_[0]), errc::store_full);
  EXPECT_TRUE(take().empty());
  EXPECT_EQ(refusal_of({"b"}), errc::io_failed);
  // Who listens later hears of it, too.
  log_->listen({nullptr, [this](auto& what) {
                  failures_.push_back(what);
                }});
  EXPECT_EQ(failures_.size(), 2U);
}

TEST_F(SingleMemberLog, IsSilentOnceItIsGone) {
  open();
  propose({"a"});
  log_.reset();
  disk_->persist();
  EXPECT_EQ(wakes_, 0);
}

TEST_F(SingleMemberLog, SharesItsStoreWithOtherNames) {
  open();
  propose({"a"});
  disk_->persist();
  log_.reset();
  disk_->crash();
  auto other = single_member_log::open(disk_, "tester", settings_);
  ASSERT_TRUE(other);
  EXPECT_EQ((*other)->last_index(), 0U);
  EXPECT_EQ((*other)->current_epoch().term, 1U);
}

TEST_F(SingleMemberLog, WorksOnAnImmediateStore) {
  disk_ = std::make_shared<memory_store>(memory_store::mode::immediate);
  open();
  propose({"a"});
  EXPECT_EQ(wakes_, 1);
  EXPECT_THAT(take_payloads(), ElementsAre("a"));
}

} // namespace
} // namespace agora
