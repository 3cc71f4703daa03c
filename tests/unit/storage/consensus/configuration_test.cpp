// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/consensus/configuration.hpp"
#include "storage/consensus/vote_tally.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace agora {
namespace {

using step = configuration_change::step;

log_member member(uint64_t n, bool learner = false) {
  return {member_uid{n}, static_cast<uint32_t>(n), "host-" + std::to_string(n),
          learner};
}

configuration three_and_a_learner() {
  return *configuration::make(
    {member(3), member(1), member(4, true), member(2)});
}

errc made(std::vector<log_member> members) {
  auto result = configuration::make(std::move(members));
  return result ? errc::none : code_of(result.error());
}

errc changed_code(step what, const log_member& whom) {
  auto result = changed(three_and_a_learner(), {what, whom});
  return result ? errc::none : code_of(result.error());
}

TEST(Configuration, KnowsWhoVotes) {
  auto members = three_and_a_learner();
  EXPECT_EQ(members.voters(), 3U);
  EXPECT_EQ(members.quorum(), 2U);
  EXPECT_TRUE(members.is_voter(member_uid{2}));
  EXPECT_FALSE(members.is_voter(member_uid{4}));
  EXPECT_FALSE(members.is_voter(member_uid{5}));
  EXPECT_EQ(members.find(member_uid{5}), nullptr);
  EXPECT_EQ(members.find(member_uid{4})->address, "host-4");
}

TEST(Configuration, TheOrderInWhichMembersAreGivenDoesNotMatter) {
  EXPECT_EQ(
    three_and_a_learner(),
    *configuration::make({member(1), member(2), member(3), member(4, true)}));
}

TEST(Configuration, AQuorumIsMoreThanHalf) {
  std::vector<log_member> members;
  for (uint64_t n = 1; n <= 7; ++n) {
    members.push_back(member(n));
    EXPECT_EQ(configuration::make(members)->quorum(), n / 2 + 1) << n;
  }
}

TEST(Configuration, RefusesWhatNobodyCouldLead) {
  EXPECT_EQ(made({}), errc::invalid_argument);
  EXPECT_EQ(made({member(1, true)}), errc::invalid_argument);
  EXPECT_EQ(made({member(0)}), errc::invalid_argument);
}

TEST(Configuration, RefusesMembersThatShareAName) {
  auto other = [](auto change) {
    auto result = member(2);
    change(result);
    return made({member(1), result}) != errc::none;
  };
  EXPECT_FALSE(other([](auto&) {}));
  EXPECT_TRUE(other([](auto& m) {
    m.uid = member_uid{1};
  }));
  EXPECT_TRUE(other([](auto& m) {
    m.number = 1;
  }));
  EXPECT_TRUE(other([](auto& m) {
    m.address = "host-1";
  }));
}

TEST(Configuration, RefusesMoreMembersThanItsLimit) {
  std::vector<log_member> members;
  for (uint64_t n = 1; n <= configuration::members_limit; ++n)
    members.push_back(member(n));
  EXPECT_EQ(made(members), errc::none);
  members.push_back(member(99));
  EXPECT_EQ(made(members), errc::limit_reached);
}

TEST(Configuration, ComesBackFromItsEncodedForm) {
  auto members = three_and_a_learner();
  auto back = configuration::decode(members.encode());
  ASSERT_TRUE(back) << describe(back.error());
  EXPECT_EQ(*back, members);
}

TEST(Configuration, RefusesBytesThatAreNone) {
  auto code = [](std::string_view payload) {
    auto result = configuration::decode(payload);
    return result ? errc::none : code_of(result.error());
  };
  EXPECT_EQ(code("\xff\xff\xff"), errc::malformed_message);
  EXPECT_EQ(code(""), errc::invalid_argument) << "no member has a vote";
  auto whole = three_and_a_learner().encode();
  EXPECT_EQ(code(whole.substr(0, whole.size() - 1)), errc::malformed_message);
}

TEST(Configuration, ANewMemberLearnsWhateverItsEntrySays) {
  auto next = changed(three_and_a_learner(), {step::add_learner, member(5)});
  ASSERT_TRUE(next);
  EXPECT_FALSE(next->is_voter(member_uid{5}));
  EXPECT_EQ(next->members().size(), 5U);
}

TEST(Configuration, ALearnerIsPromoted) {
  auto next = changed(three_and_a_learner(), {step::promote, member(4)});
  ASSERT_TRUE(next);
  EXPECT_TRUE(next->is_voter(member_uid{4}));
}

TEST(Configuration, AMemberIsRemoved) {
  auto next = changed(three_and_a_learner(), {step::remove, member(2)});
  ASSERT_TRUE(next);
  EXPECT_EQ(next->find(member_uid{2}), nullptr);
  EXPECT_EQ(next->voters(), 2U);
}

TEST(Configuration, AMoveChangesTheAddressAndNothingElse) {
  auto moved = member(4);
  moved.address = "elsewhere";
  moved.number = 77;
  auto next = changed(three_and_a_learner(), {step::move, moved});
  ASSERT_TRUE(next);
  auto expected = member(4, true);
  expected.address = "elsewhere";
  EXPECT_EQ(*next->find(member_uid{4}), expected);
}

TEST(Configuration, ChangesOfStrangersAreRefused) {
  for (auto what : {step::promote, step::remove, step::move})
    EXPECT_EQ(changed_code(what, member(9)), errc::not_found);
}

TEST(Configuration, ChangesThatTakeAnothersNameAreRefused) {
  EXPECT_EQ(changed_code(step::add_learner, member(2)), errc::already_exists);
  auto wiped = member(2);
  wiped.uid = member_uid{99};
  EXPECT_EQ(changed_code(step::add_learner, wiped), errc::already_exists);
  auto moved = member(4);
  moved.address = "host-1";
  EXPECT_EQ(changed_code(step::move, moved), errc::already_exists);
}

TEST(Configuration, ChangesThatMakeNoSenseAreRefused) {
  EXPECT_EQ(changed_code(step::promote, member(1)), errc::conflict);
  EXPECT_EQ(changed_code(step::add_learner, member(0)), errc::invalid_argument);
  auto one = *configuration::make({member(1), member(2, true)});
  EXPECT_EQ(code_of(changed(one, {step::remove, member(1)}).error()),
            errc::conflict);
  EXPECT_TRUE(changed(one, {step::remove, member(2)}));
}

TEST(MemberUid, IsWrittenInHexadecimals) {
  EXPECT_EQ(to_string(member_uid{0x2a}), "m000000000000002a");
  EXPECT_EQ(to_string(member_uid{UINT64_MAX}), "mffffffffffffffff");
}

// -- counting -----------------------------------------------------------------

TEST(QuorumReached, IsTheLargestNumberThatAQuorumHas) {
  std::mt19937 chance{1};
  for (auto round = 0; round < 500; ++round) {
    std::vector<uint64_t> reached(1 + chance() % 9);
    for (auto& one : reached)
      one = chance() % 6;
    auto has = [&](uint64_t value) {
      return static_cast<size_t>(std::count_if(reached.begin(), reached.end(),
                                               [&](auto one) {
                                                 return one >= value;
                                               }))
             >= reached.size() / 2 + 1;
    };
    uint64_t expected = 0;
    while (has(expected + 1))
      ++expected;
    ASSERT_EQ(quorum_reached(reached), expected) << "round " << round;
  }
}

TEST(VoteTally, IsOpenUntilAQuorumSaysYesOrCannotAnyMore) {
  using outcome = vote_tally::outcome;
  auto members = three_and_a_learner();
  vote_tally won;
  won.count(member_uid{1}, true);
  EXPECT_EQ(won.judge(members), outcome::open);
  won.count(member_uid{4}, true); // A learner.
  won.count(member_uid{9}, true); // A stranger.
  EXPECT_EQ(won.judge(members), outcome::open);
  won.count(member_uid{2}, true);
  EXPECT_EQ(won.judge(members), outcome::won);

  vote_tally lost;
  lost.count(member_uid{1}, false);
  lost.count(member_uid{1}, true); // Only its first answer counts.
  EXPECT_EQ(lost.judge(members), outcome::open);
  lost.count(member_uid{4}, false);
  EXPECT_EQ(lost.judge(members), outcome::open);
  lost.count(member_uid{3}, false);
  EXPECT_EQ(lost.judge(members), outcome::lost);
}

} // namespace
} // namespace agora
