// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/consensus/message_validator.hpp"
#include "tests/unit/storage/consensus/members_bench.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

constexpr auto huge = term_and_index_limit;

/// Whether a message in term 5 with this body can be acted upon.
template <class Body>
bool is_sound(Body body) {
  return is_well_formed(message_of(2, 1, 5, std::move(body)));
}

bool entries_are_sound(std::vector<entry_ptr> entries) {
  return is_sound(append_request{{3, 10}, std::move(entries), 0});
}

TEST(MessageValidator, TakesWhatMembersSend) {
  EXPECT_TRUE(is_sound(vote_request{true, false, 1, {4, 10}}));
  EXPECT_TRUE(is_sound(vote_answer{true, true, UINT64_MAX}));
  EXPECT_TRUE(is_sound(append_request{{0, 0}, {}, 0}));
  EXPECT_TRUE(is_sound(append_answer{false, 10, {3, 9}}));
  EXPECT_TRUE(is_sound(heartbeat{1, 2}));
  EXPECT_TRUE(is_sound(heartbeat_answer{2}));
  EXPECT_TRUE(is_sound(take_over{}));
  EXPECT_TRUE(is_sound(term_passed{}));
}

TEST(MessageValidator, DropsASenderOrTermThatCannotBe) {
  EXPECT_FALSE(is_well_formed(message_of(0, 1, 5, heartbeat{})));
  EXPECT_FALSE(is_well_formed(message_of(2, 1, 0, heartbeat{})));
  EXPECT_FALSE(is_well_formed(message_of(2, 1, huge, heartbeat{})));
  EXPECT_TRUE(is_well_formed(message_of(2, 1, huge - 1, heartbeat{})));
}

TEST(MessageValidator, DropsACandidateWhoseLogIsOfItsTermOrALaterOne) {
  EXPECT_FALSE(is_sound(vote_request{false, false, 1, {5, 10}}));
  EXPECT_FALSE(is_sound(vote_request{false, false, 1, {6, 10}}));
  EXPECT_FALSE(is_sound(vote_request{false, false, 1, {4, huge}}));
}

TEST(MessageValidator, DropsAPlaceThatCannotBe) {
  EXPECT_FALSE(is_sound(append_request{{3, huge}, {}, 0}));
  EXPECT_FALSE(is_sound(append_request{{6, 10}, {}, 0})) << "of a later term";
}

TEST(MessageValidator, DropsEntriesWithAGap) {
  EXPECT_TRUE(entries_are_sound({entry_of(11, 3), entry_of(12, 5)}));
  EXPECT_FALSE(entries_are_sound({entry_of(12, 3)}));
  EXPECT_FALSE(entries_are_sound({entry_of(10, 3)}));
  EXPECT_FALSE(entries_are_sound({entry_of(11, 3), entry_of(13, 3)}));
  EXPECT_FALSE(entries_are_sound({entry_of(11, 3), nullptr}));
}

TEST(MessageValidator, DropsEntriesWhoseTermsFallOrAreToCome) {
  EXPECT_FALSE(entries_are_sound({entry_of(11, 2)}));
  EXPECT_FALSE(entries_are_sound({entry_of(11, 4), entry_of(12, 3)}));
  EXPECT_FALSE(entries_are_sound({entry_of(11, 6)}));
}

TEST(MessageValidator, DropsAConfigurationThatCannotBeRead) {
  auto with = [](std::string payload) {
    return entries_are_sound(
      {entry_of(11, 3, std::move(payload), entry_kind::configuration)});
  };
  EXPECT_TRUE(with(members_bench::members(3).encode()));
  EXPECT_FALSE(with("\xff\xff\xff"));
  EXPECT_FALSE(with("")) << "nobody has a vote";
}

TEST(MessageValidator, DropsAnswersWithNumbersBeyondTheLimits) {
  EXPECT_FALSE(is_sound(append_answer{true, huge, {}}));
  EXPECT_FALSE(is_sound(append_answer{false, 10, {huge, 9}}));
  EXPECT_FALSE(is_sound(append_answer{false, 10, {3, huge}}));
}

TEST(MessageValidator, WhatItDropsChangesNothing) {
  members_bench bench{3};
  bench.at(1).receive(
    message_of(2, 1, 9, append_request{{1, 1}, {entry_of(3, 9)}, 0}));
  bench.at(1).receive(message_of(2, 1, huge, heartbeat{}));
  EXPECT_EQ(bench.at(1).term(), 1U);
  EXPECT_TRUE(bench.at(1).take_ready().empty());
}

TEST(MessageValidator, WhatIsForAnotherMemberChangesNothing) {
  members_bench bench{3};
  bench.at(1).receive(message_of(2, 3, 9, heartbeat{}));
  EXPECT_EQ(bench.at(1).term(), 1U);
  EXPECT_TRUE(bench.at(1).take_ready().empty());
}

TEST(MessageValidator, AnAnswerBeyondTheLeadersLogChangesNothing) {
  members_bench bench{3};
  bench.elect(1);
  bench.isolate(1);
  bench.propose(1);
  bench.at(1).receive(message_of(2, 1, 2, append_answer{true, 99, {}}));
  EXPECT_EQ(bench.at(1).log().commit_index(), 2U);
  EXPECT_EQ(bench.at(1).leads()->progress_of(member_uid{2})->match(), 2U);
}

} // namespace
} // namespace agora
