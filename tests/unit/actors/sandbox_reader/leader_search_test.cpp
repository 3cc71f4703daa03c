// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/sandbox_reader/leader_search.hpp"

#include <gmock/gmock.h>

#include <string>

namespace agora {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const node_address a{"a", 1};
const node_address b{"b", 1};
const node_address c{"c", 1};
const node_address d{"d", 1};

status no(const std::string& node) {
  return fail(errc::unreachable, "no way to " + node);
}

TEST(LeaderSearch, TriesAllInTurnAndThenIsHopeless) {
  leader_search search{{a, b, c}};
  EXPECT_EQ(search.next(), a);
  search.not_reached(no("a"));
  EXPECT_EQ(search.next(), b);
  EXPECT_EQ(search.pause(), 0ms);
  search.not_reached(no("b"));
  EXPECT_FALSE(search.hopeless());
  search.not_reached(no("c"));
  EXPECT_TRUE(search.hopeless());
  EXPECT_EQ(code_of(search.outcome()), errc::unreachable);
  EXPECT_EQ(text_of(search.outcome()), "no way to a; no way to b; no way to c");
  EXPECT_EQ(search.next(), a);
  EXPECT_EQ(search.pause(), leader_search::pause_between);
}

TEST(LeaderSearch, TheReasonOfASingleNodeIsItsOwn) {
  leader_search search{{a}};
  search.not_reached(fail(errc::version_mismatch, "too old"));
  EXPECT_TRUE(search.hopeless());
  EXPECT_EQ(code_of(search.outcome()), errc::version_mismatch);
  EXPECT_EQ(text_of(search.outcome()), "too old");
}

TEST(LeaderSearch, GoesWhereAMasterSendsIt) {
  leader_search search{{a, b}};
  search.not_leader("d:1");
  EXPECT_EQ(search.next(), d);
  EXPECT_EQ(search.pause(), 0ms);
  search.end();
  // It stays there for the next question.
  EXPECT_EQ(search.next(), d);
}

TEST(LeaderSearch, TriesTheNextAfterAPauseIfNoLeaderIsNamed) {
  leader_search search{{a, b}};
  search.not_leader("");
  EXPECT_EQ(search.next(), b);
  EXPECT_EQ(search.pause(), leader_search::pause_between);
  search.not_leader("no address");
  EXPECT_EQ(search.next(), a);
  search.not_leader("a:1"); // It is confused.
  EXPECT_EQ(search.next(), b);
  EXPECT_EQ(search.pause(), leader_search::pause_between);
}

TEST(LeaderSearch, GoesOnIfTheNamedOneIsNotReached) {
  leader_search search{{a, b}};
  search.not_leader("d:1");
  search.not_reached(no("d"));
  EXPECT_EQ(search.next(), b);
}

// a and b each take the other for the leader, and c leads.
TEST(LeaderSearch, IsNotSentToAndFroForEver) {
  leader_search search{{a, b, c}};
  for (int times = 0; search.next() != c; ++times) {
    ASSERT_LT(times, 10);
    search.not_leader(search.next() == a ? "b:1" : "a:1");
  }
}

TEST(LeaderSearch, GoesOnAsLongAsAnyMasterIsReached) {
  leader_search search{{a, b}};
  for (int times = 0; times < 10; ++times) {
    if (search.next() == a)
      search.not_leader("");
    else
      search.not_reached(no("b"));
    EXPECT_FALSE(search.hopeless());
    EXPECT_EQ(search.pause(), leader_search::pause_between);
  }
  EXPECT_EQ(code_of(search.outcome()), errc::not_leader);
  EXPECT_THAT(text_of(search.outcome()),
              AllOf(HasSubstr("no master leads: asked a:1; no way to b; "),
                    HasSubstr("quorum")));
}

TEST(LeaderSearch, BeginsAnewWithTheNextQuestion) {
  leader_search search{{a, b}};
  search.not_leader("");
  search.end();
  EXPECT_FALSE(search.reached());
  search.not_reached(no("b"));
  search.not_reached(no("a"));
  EXPECT_TRUE(search.hopeless());
  EXPECT_THAT(text_of(search.outcome()), Not(HasSubstr("leads")));
}

} // namespace
} // namespace agora
