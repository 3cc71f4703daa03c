// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/storage/consensus/members_bench.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

using role = consensus_role;

/// Member 1 has an entry of term 2, member 5 one of term 3 instead; 1 leads in
/// term 4 and has just given its entry of term 2 to members 2 and 3, but
/// nothing of term 4.
class Figure8 : public testing::Test {
protected:
  void SetUp() override {
    bench_.give_log(1, {2}, 3);
    for (uint64_t n = 2; n <= 4; ++n)
      bench_.give_log(n, {}, 3);
    bench_.give_log(5, {3}, 3);
    bench_.isolate(4);
    bench_.isolate(5);
    bench_.join(1, 4);
    // Member 4 votes for 1, but gets no entries.
    bench_.hold = [this](auto& message) {
      return is<append_request>(message)
             && (message.to == member_uid{4} || brings_more(bench_, message));
    };
    bench_.elect(1);
    ASSERT_EQ(bench_.at(1).term(), 4U);
    for (uint64_t n = 1; n <= 3; ++n)
      ASSERT_TRUE(bench_.at(n).log().has({2, 2})) << n;
  }

  /// The ways to it are whole again, and nobody hears a leader.
  void let_five_in() {
    bench_.hold = nullptr;
    bench_.wire.clear();
    for (uint64_t n = 2; n <= 5; ++n) {
      bench_.rejoin(n);
      bench_.restart(n);
    }
    // Its first question tells it of the term that it has missed.
    bench_.at(5).campaign();
    bench_.deliver_all();
  }

  members_bench bench_{5, one_entry_a_message()};
};

TEST_F(Figure8, AnEntryOfAnEarlierTermIsNotCommittedByCounting) {
  for (uint64_t n = 2; n <= 3; ++n)
    ASSERT_EQ(bench_.at(1).leads()->progress_of(member_uid{n})->match(), 2U);
  EXPECT_EQ(bench_.at(1).log().commit_index(), 1U);
}

TEST_F(Figure8, SoItMayBeReplaced) {
  bench_.crash(1);
  let_five_in();
  bench_.elect(5);
  bench_.tick_all(2);
  bench_.restart(1);
  bench_.tick_all(4);
  for (uint64_t n = 1; n <= 5; ++n)
    EXPECT_EQ(bench_.at(n).log().term_at(2), 3U) << n;
  EXPECT_EQ(bench_.committed_everywhere(), 3U);
}

TEST_F(Figure8, AnEntryOfTheOwnTermCommitsItWithItself) {
  bench_.release_held();
  bench_.deliver_all();
  EXPECT_EQ(bench_.at(1).log().commit_index(), 3U);
  bench_.crash(1);
  let_five_in();
  bench_.at(5).campaign();
  bench_.deliver_all();
  EXPECT_EQ(bench_.at(5).term(), 4U);
  EXPECT_EQ(bench_.at(5).role(), role::follower);
}

} // namespace
} // namespace agora
