// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// One member: the way of a command, and its limits.
#include "tests/unit/storage/log/one_member_fixture.hpp"

#include <map>

namespace agora {
namespace {

using testing::ElementsAre;

class ReplicatedLog : public one_member_fixture {};

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

// Applied states wake nobody, unless somebody waits for their room.
TEST_F(ReplicatedLog, WhoWasRefusedIsWokenWhenThereIsRoom) {
  open_and_apply();
  propose({"a", "b", "c", "d", "e"});
  persist();
  ASSERT_EQ(take().size(), 5U);
  wakes_ = 0;
  for (uint64_t i = 3; i <= 7; ++i)
    ASSERT_FALSE(apply(i));
  EXPECT_EQ(disk_->queued(), 4U);
  EXPECT_EQ(refusal_of({"no room"}), errc::limit_reached);
  disk_->persist(1);
  EXPECT_EQ(wakes_, 1);
  EXPECT_EQ(refusal_of({"room behind the last state"}), errc::none);
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

} // namespace
} // namespace agora
