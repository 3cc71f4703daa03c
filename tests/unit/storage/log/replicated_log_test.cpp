// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// One member, which needs nobody: what it does with its disk. Entry 1 of the
// log says who the members are, and each start appends one for its term.
#include "storage/log/log_record_codec.hpp"
#include "storage/log/replicated_log.hpp"
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
using testing::IsEmpty;

std::string entry_key(uint64_t index) {
  return store_keys::numbered("log/test/entry/", index);
}

class ReplicatedLog : public testing::Test {
protected:
  ReplicatedLog() {
    settings_.inflight_entries = 100;
    settings_.retained_entries = 5;
    settings_.trim_step = 3;
  }

  /// Opens, and no more.
  void load() {
    log_.reset();
    auto opened = replicated_log::open(disk_, "test", settings_, 1);
    ASSERT_TRUE(opened) << describe(opened.error());
    log_ = std::move(*opened);
  }

  void found() {
    auto self = member_of(disk_->identity());
    ASSERT_FALSE(
      log_->found("here", *configuration::make({{self, 1, "", {}}})));
  }

  void listen() {
    log_->listen({[this] {
                    ++wakes_;
                  },
                  [this](auto& what) {
                    failures_.push_back(what);
                  }});
  }

  /// Opens, founds if nothing is there, and leads; everything is on disk.
  void open() {
    load();
    if (log_->cluster_id().empty())
      found();
    listen();
    carry_on();
    persist();
    ASSERT_NE(log_->machine().leads(), nullptr);
    persist();
    wakes_ = 0;
  }

  /// The same, and its state has taken in what is there.
  void open_and_apply() {
    open();
    auto entries = take();
    ASSERT_FALSE(entries.empty());
    ASSERT_FALSE(log_->applied(entries.back().index, {}));
    carry_on();
    persist();
    wakes_ = 0;
  }

  void crash(size_t survivors = 0) {
    log_.reset();
    disk_->crash(survivors);
  }

  void carry_on() {
    auto todo = log_->carry_on();
    ASSERT_TRUE(todo) << describe(todo.error());
    EXPECT_THAT(todo->send, IsEmpty());
  }

  void persist(size_t count = SIZE_MAX) {
    disk_->persist(count);
    carry_on();
  }

  void expect_refused(const std::string& part, errc why = errc::store_corrupt) {
    crash();
    auto opened = replicated_log::open(disk_, "test", settings_, 1);
    ASSERT_FALSE(opened);
    EXPECT_EQ(code_of(opened.error()), why);
    EXPECT_THAT(text_of(opened.error()), HasSubstr(part));
    EXPECT_THAT(text_of(opened.error()), HasSubstr("(memory): log test"));
  }

  /// @returns the first index.
  uint64_t propose(std::vector<std::string> payloads) {
    auto proposed = log_->propose(std::move(payloads));
    EXPECT_TRUE(proposed) << describe(proposed.error());
    carry_on();
    return proposed ? *proposed : 0;
  }

  errc refusal_of(std::vector<std::string> payloads) {
    auto proposed = log_->propose(std::move(payloads));
    return proposed ? errc::none : code_of(proposed.error());
  }

  /// In one step.
  std::vector<log_entry> take_some(size_t max = SIZE_MAX) {
    std::vector<log_entry> result;
    auto taken = log_->take_committed(max);
    EXPECT_TRUE(taken) << describe(taken.error());
    if (taken)
      for (auto& entry : *taken)
        result.push_back(*entry);
    return result;
  }

  /// What is read again, and what is in memory.
  std::vector<log_entry> take(size_t max = SIZE_MAX) {
    std::vector<log_entry> result;
    for (;;) {
      auto more = take_some(max - result.size());
      if (more.empty())
        return result;
      result.insert(result.end(), more.begin(), more.end());
    }
  }

  std::vector<std::string> take_payloads(size_t max = SIZE_MAX) {
    std::vector<std::string> payloads;
    for (auto& entry : take(max))
      if (entry.kind == entry_kind::command)
        payloads.push_back(std::move(entry.payload));
    return payloads;
  }

  status apply(uint64_t index, std::string key = "k", std::string value = "v") {
    write_batch changes;
    changes.put(std::move(key), std::move(value));
    auto bad = log_->applied(index, std::move(changes));
    carry_on();
    return bad;
  }

  uint64_t last_index() const {
    return log_->machine().log().last_index();
  }

  uint64_t commit_index() const {
    return log_->machine().log().commit_index();
  }

  /// Proposes one by one, and has each applied and on disk.
  void apply_to(uint64_t index) {
    while (last_index() < index) {
      propose({"p" + std::to_string(last_index() + 1)});
      persist();
      auto entries = take();
      ASSERT_EQ(entries.size(), 1U);
      ASSERT_FALSE(apply(entries[0].index));
      persist();
    }
    // What was removed is removed on the disk, too.
    carry_on();
    persist();
  }

  bool is_on_disk(uint64_t index) {
    return disk_->get(entry_key(index))->has_value();
  }

  void change_disk(write_batch batch) {
    crash();
    ASSERT_FALSE(disk_->write_now(std::move(batch)));
  }

  std::shared_ptr<memory_store> disk_ = std::make_shared<memory_store>(
    memory_store::mode::manual, store_limits{.queued_batches = 4});
  log_settings settings_;
  int wakes_ = 0;
  std::vector<status> failures_;
  std::unique_ptr<replicated_log> log_;
};

// -- beginning ----------------------------------------------------------------

TEST_F(ReplicatedLog, ABlankMemberWaitsToBeTakenIn) {
  load();
  listen();
  carry_on();
  for (int i = 0; i < 1000; ++i)
    log_->tick();
  carry_on();
  EXPECT_EQ(log_->machine().role(), consensus_role::follower);
  EXPECT_EQ(log_->machine().term(), 0U);
  EXPECT_EQ(log_->cluster_id(), "");
  EXPECT_EQ(refusal_of({"a"}), errc::not_leader);
  EXPECT_EQ(code_of(log_->snapshot().error()), errc::conflict);
  EXPECT_TRUE(take().empty());
  EXPECT_EQ(*log_->for_each_state([](auto, auto) {
    return visit::more;
  }),
            0U);
}

TEST_F(ReplicatedLog, FoundedItLeadsInANewTermAtEveryStart) {
  open();
  EXPECT_EQ(log_->cluster_id(), "here");
  EXPECT_EQ(log_->machine().term(), 2U);
  auto entries = take();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].kind, entry_kind::configuration);
  EXPECT_EQ(entries[1], (log_entry{2, 2, "", entry_kind::no_op}));
  propose({"lost"});
  crash();
  open();
  EXPECT_EQ(log_->cluster_id(), "here");
  EXPECT_EQ(log_->machine().term(), 3U);
  EXPECT_EQ(propose({"again"}), 4U);
  persist();
  crash();
  open();
  crash();
  open();
  EXPECT_EQ(log_->machine().term(), 5U);
  EXPECT_THAT(take_payloads(), ElementsAre("again"));
}

TEST_F(ReplicatedLog, FoundingIsOnDiskWhenItReturns) {
  load();
  disk_->fail_next_write(fail(errc::store_full, "(memory) is full"));
  auto self = member_of(disk_->identity());
  auto members = *configuration::make({{self, 1, "", {}}});
  EXPECT_EQ(code_of(log_->found("here", members)), errc::store_full);
  crash();
  load();
  EXPECT_EQ(log_->cluster_id(), "");
  ASSERT_FALSE(log_->found("here", members));
  crash();
  load();
  EXPECT_EQ(log_->cluster_id(), "here");
  EXPECT_EQ(log_->machine().log().members(), members);
}

// Whoever votes for itself and forgets it may vote twice in a term.
TEST_F(ReplicatedLog, ItLeadsOnlyWhenItsVoteIsOnDisk) {
  load();
  found();
  listen();
  carry_on();
  EXPECT_EQ(log_->machine().role(), consensus_role::candidate);
  EXPECT_EQ(refusal_of({"a"}), errc::not_leader);
  persist();
  EXPECT_EQ(log_->machine().role(), consensus_role::leader);
  EXPECT_EQ(wakes_, 1);
}

TEST_F(ReplicatedLog, TheUidIsThatOfTheDirectory) {
  EXPECT_EQ(member_of({"master", "00000000000000ff0123456789abcdef"}).value,
            255U);
  // 0 names nobody.
  EXPECT_EQ(member_of({"master", std::string(32, '0')}).value, 1U);
}

// -- committing ---------------------------------------------------------------

TEST_F(ReplicatedLog, NothingIsCommittedBeforeItIsOnDisk) {
  open_and_apply();
  EXPECT_EQ(propose({"a", "b"}), 3U);
  EXPECT_EQ(propose({"c"}), 5U);
  EXPECT_EQ(last_index(), 5U);
  EXPECT_EQ(commit_index(), 2U);
  EXPECT_TRUE(take().empty());
  EXPECT_EQ(wakes_, 0);
  persist(1);
  EXPECT_EQ(wakes_, 1);
  EXPECT_EQ(commit_index(), 4U);
  EXPECT_THAT(take(), ElementsAre(log_entry{3, 2, "a"}, log_entry{4, 2, "b"}));
  persist();
  EXPECT_EQ(wakes_, 2);
  EXPECT_THAT(take(), ElementsAre(log_entry{5, 2, "c"}));
  EXPECT_TRUE(take().empty());
}

TEST_F(ReplicatedLog, TakesAtMostWhatIsAskedFor) {
  open_and_apply();
  propose({"a", "b", "c", "d"});
  persist();
  EXPECT_THAT(take_payloads(3), ElementsAre("a", "b", "c"));
  EXPECT_THAT(take_payloads(0), ElementsAre());
  EXPECT_EQ(log_->taken_index(), 5U);
  EXPECT_THAT(take_payloads(SIZE_MAX), ElementsAre("d"));
}

TEST_F(ReplicatedLog, AppliedStatesAloneDoNotWake) {
  open_and_apply();
  propose({"a"});
  persist();
  ASSERT_EQ(take().size(), 1U);
  ASSERT_FALSE(apply(3));
  persist();
  EXPECT_EQ(wakes_, 1);
}

// The crash between persisted and its report: nobody was told, but it is there.
TEST_F(ReplicatedLog, WhatReachedTheDiskUnreportedIsCommittedByTheNextStart) {
  open();
  propose({"a"});
  propose({"b"});
  crash(1);
  open();
  EXPECT_THAT(take_payloads(), ElementsAre("a"));
}

TEST_F(ReplicatedLog, AStartHandsOutWhatWasNotApplied) {
  open_and_apply();
  propose({"a", "b", "c"});
  persist();
  ASSERT_EQ(take().size(), 3U);
  ASSERT_FALSE(apply(4, "sum", "ab"));
  persist();
  // This one stays in the queue: its entry comes again, for the older state.
  ASSERT_FALSE(apply(5, "sum", "abc"));
  crash();
  open();
  EXPECT_EQ(log_->applied_index(), 4U);
  EXPECT_EQ(**log_->get_state("sum"), "ab");
  propose({"d"});
  EXPECT_THAT(take_payloads(), ElementsAre("c"));
  persist();
  EXPECT_THAT(take_payloads(), ElementsAre("d"));
  ASSERT_FALSE(apply(7, "sum", "abcd"));
}

TEST_F(ReplicatedLog, ReplayIsBoundedInEntriesAndBytes) {
  open_and_apply();
  propose({"a", std::string(100, 'b'), "c", "d", "e"});
  persist();
  settings_.replay_bytes = 50;
  crash();
  open();
  propose({"f"});
  persist();
  EXPECT_EQ(take_some().size(), 2U);
  EXPECT_THAT(take_payloads(1), ElementsAre("c"));
  EXPECT_EQ(take_some().size(), 2U);
  EXPECT_THAT(take_payloads(), ElementsAre("f"));
}

// Memory holds the newest only; a slow owner reads the others again.
TEST_F(ReplicatedLog, WhatLeftTheMemoryIsReadAgain) {
  settings_.consensus.tail_bytes = 0;
  open_and_apply();
  propose({"a", "b"});
  persist();
  EXPECT_EQ(log_->machine().log().find(3), nullptr);
  propose({"c"});
  EXPECT_NE(log_->machine().log().find(5), nullptr);
  EXPECT_THAT(take_payloads(), ElementsAre("a", "b"));
  persist();
  EXPECT_THAT(take_payloads(), ElementsAre("c"));
}

TEST_F(ReplicatedLog, StateIsVisitedAtOneIndexWithRelativeKeys) {
  open_and_apply();
  propose({"a"});
  persist();
  ASSERT_EQ(take().size(), 1U);
  write_batch changes;
  changes.put("x/1", "1");
  changes.put("x/2", "2");
  changes.put("y", "3");
  ASSERT_FALSE(log_->applied(3, std::move(changes)));
  carry_on();
  persist();
  propose({"b"});
  persist();
  ASSERT_EQ(take().size(), 1U);
  write_batch more;
  more.erase_prefix("x/");
  more.put("z", "4");
  ASSERT_FALSE(log_->applied(4, std::move(more)));
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
                         3, {{"x/1", "1"}, {"x/2", "2"}, {"y", "3"}}}));
  persist();
  EXPECT_EQ(visited(),
            (std::pair<uint64_t, state>{4, {{"y", "3"}, {"z", "4"}}}));
}

// -- limits -------------------------------------------------------------------

TEST_F(ReplicatedLog, WhatIsInFlightIsBoundedInEntries) {
  open_and_apply();
  EXPECT_EQ(refusal_of(std::vector<std::string>(101, "x")), errc::too_large);
  EXPECT_EQ(refusal_of({}), errc::invalid_argument);
  propose(std::vector<std::string>(60, "x"));
  EXPECT_EQ(refusal_of(std::vector<std::string>(41, "x")), errc::limit_reached);
  EXPECT_EQ(last_index(), 62U);
  persist();
  ASSERT_EQ(take().size(), 60U);
  // Committed is not enough: the state must have taken them in.
  EXPECT_EQ(refusal_of(std::vector<std::string>(41, "x")), errc::limit_reached);
  ASSERT_FALSE(apply(3));
  EXPECT_EQ(propose(std::vector<std::string>(41, "x")), 63U);
}

TEST_F(ReplicatedLog, WhatIsInFlightIsBoundedInBytes) {
  settings_.payload_bytes = 500;
  settings_.proposal_bytes = 1000;
  settings_.consensus.uncommitted_bytes = 500;
  open_and_apply();
  auto large = std::string(500, 'x');
  EXPECT_EQ(refusal_of({large + "x"}), errc::too_large);
  EXPECT_EQ(refusal_of({large, large, "x"}), errc::too_large);
  propose({large});
  EXPECT_EQ(refusal_of({"x"}), errc::limit_reached);
  persist();
  propose({"x"});
  EXPECT_EQ(last_index(), 4U);
}

// The disk is behind: proposals are refused, applied states are not, and a
// wake-up comes when there is room.
TEST_F(ReplicatedLog, AppliedIsNeverRefusedForLoad) {
  open_and_apply();
  propose({"a", "b", "c"});
  persist();
  ASSERT_EQ(take().size(), 3U);
  for (int i = 0; i < 4; ++i)
    propose({"fills the queue"});
  ASSERT_FALSE(apply(3, "k", "1"));
  ASSERT_FALSE(apply(4, "k", "2"));
  EXPECT_EQ(refusal_of({"no room"}), errc::limit_reached);
  EXPECT_EQ(log_->applied_index(), 4U);
  EXPECT_EQ(disk_->queued(), 4U);
  wakes_ = 0;
  disk_->persist(1);
  EXPECT_EQ(wakes_, 1);
  // There is room for one, and applied states come first.
  EXPECT_EQ(refusal_of({"no room"}), errc::limit_reached);
  EXPECT_EQ(disk_->queued(), 4U);
  disk_->persist();
  EXPECT_EQ(wakes_, 2);
  carry_on();
  EXPECT_EQ(take().size(), 4U);
  persist();
  EXPECT_EQ(**log_->get_state("k"), "2");
  ASSERT_FALSE(apply(5, "k", "3"));
  propose({"room"});
  crash(1);
  open();
  EXPECT_EQ(log_->applied_index(), 5U);
}

// Whatever waits because the queue is full goes out without anybody asking,
// as long as each wake-up is answered by one carry_on.
TEST_F(ReplicatedLog, AWakeUpIsNeverMissing) {
  open_and_apply();
  for (int i = 0; i < 12; ++i) {
    // Past the check that refuses proposals while the disk is behind: one for
    // each place in the queue, and what they apply to behind it.
    propose({"p" + std::to_string(i)});
    if (disk_->queued() == 4)
      break;
  }
  propose({"waits"});
  EXPECT_EQ(disk_->queued(), 4U);
  for (int i = 0; i < 100 && commit_index() < last_index(); ++i) {
    auto before = wakes_;
    disk_->persist(1);
    ASSERT_GT(wakes_, before) << "nobody was woken, and " << commit_index()
                              << " of " << last_index() << " are committed";
    carry_on();
  }
  EXPECT_EQ(commit_index(), last_index());
}

TEST_F(ReplicatedLog, ChangesTooLargeForTheStoreAreAnErrorAndNothingElse) {
  open_and_apply();
  propose({"a"});
  persist();
  ASSERT_EQ(take().size(), 1U);
  EXPECT_EQ(code_of(apply(3, std::string(5000, 'k'))), errc::too_large);
  EXPECT_EQ(log_->applied_index(), 2U);
  ASSERT_FALSE(apply(3, "k", "fits"));
  persist();
  EXPECT_EQ(**log_->get_state("k"), "fits");
}

// That a part is on disk is as if the rest had not been proposed.
TEST_F(ReplicatedLog, EntriesOverBatchBytesGoInParts) {
  settings_.batch_bytes = 10;
  for (size_t survivors = 0; survivors <= 3; ++survivors) {
    disk_ = std::make_shared<memory_store>(memory_store::mode::manual,
                                           store_limits{.queued_batches = 4});
    open_and_apply();
    propose({"123456", "123456", "1234567890", "1"});
    EXPECT_EQ(disk_->queued(), 3U);
    disk_->persist(2);
    carry_on();
    EXPECT_TRUE(take().empty());
    crash(survivors);
    open();
    EXPECT_EQ(take_payloads().size(), survivors == 0 ? 3U : 4U);
  }
}

// -- removing -----------------------------------------------------------------

TEST_F(ReplicatedLog, KeepsATailAndRemovesTheRestInSteps) {
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

TEST_F(ReplicatedLog, RemovesByBytes) {
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

TEST_F(ReplicatedLog, MayKeepNoTail) {
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

TEST_F(ReplicatedLog, CompactsOnDemandAndGoesOnRemoving) {
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
TEST_F(ReplicatedLog, WhatTheStoredStateStandsAtIsNotRemoved) {
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

TEST_F(ReplicatedLog, ADamagedEntryRefusesTheStartWithItsIndex) {
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

TEST_F(ReplicatedLog, AnEntryDamagedWhileItRunsIsNotHandedOut) {
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

TEST_F(ReplicatedLog, AnEntryInTheWrongPlaceIsDamage) {
  open();
  propose({"a", "b", "c"});
  persist();
  write_batch batch;
  batch.put(entry_key(4), **disk_->get(entry_key(5)));
  change_disk(std::move(batch));
  expect_refused("entry 4 is damaged");
}

TEST_F(ReplicatedLog, AGapRefusesTheStart) {
  open();
  propose({"a", "b", "c"});
  persist();
  write_batch batch;
  batch.erase(entry_key(4));
  change_disk(std::move(batch));
  expect_refused("entry 4 is missing, but 5 is there");
}

TEST_F(ReplicatedLog, TermsThatFallOrAreNotKnownRefuseTheStart) {
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

TEST_F(ReplicatedLog, AMissingEndThatWasAppliedRefusesTheStart) {
  open_and_apply();
  apply_to(4);
  write_batch batch;
  batch.erase(entry_key(4));
  change_disk(std::move(batch));
  expect_refused("entry 4 is missing, but 4 was applied");
}

TEST_F(ReplicatedLog, DamagedOrMissingMetaRefusesTheStart) {
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

TEST_F(ReplicatedLog, AnOlderLayoutIsRefused) {
  write_batch batch;
  batch.put("log/test/meta/epoch", "whatever stood here");
  ASSERT_FALSE(disk_->write_now(std::move(batch)));
  expect_refused("before logs had several members", errc::version_mismatch);
}

// -- failures, and others -----------------------------------------------------

TEST_F(ReplicatedLog, AFailedDiskIsReportedAndNothingCommits) {
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

TEST_F(ReplicatedLog, WhoListensToAFailedDiskHearsOfIt) {
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

TEST_F(ReplicatedLog, IsSilentOnceItIsGone) {
  open_and_apply();
  propose({"a"});
  log_.reset();
  disk_->persist();
  EXPECT_EQ(wakes_, 0);
}

TEST_F(ReplicatedLog, SharesItsStoreWithOtherNames) {
  open();
  propose({"a"});
  persist();
  crash();
  auto other = replicated_log::open(disk_, "tester", settings_, 1);
  ASSERT_TRUE(other);
  EXPECT_EQ((*other)->machine().log().last_index(), 0U);
  EXPECT_EQ((*other)->cluster_id(), "");
}

TEST_F(ReplicatedLog, WorksOnAnImmediateStore) {
  disk_ = std::make_shared<memory_store>(memory_store::mode::immediate);
  open_and_apply();
  propose({"a"});
  EXPECT_EQ(wakes_, 1);
  carry_on();
  EXPECT_THAT(take_payloads(), ElementsAre("a"));
}

} // namespace
} // namespace agora
