// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/session/leader_choice.hpp"
#include "tests/actor/agent/agent_fixture.hpp"
#include "tests/support/captured_log.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace agora {
namespace {

using namespace std::chrono_literals;

/// An agent with sessions to several masters.
class AgentLeaders : public test::agent_fixture {
protected:
  struct master_end {
    peer end;
    session_number number = 0;
  };

  /// A session to one more master; `leads_with` is zero if it does not lead.
  master_end open(epoch leads_with) {
    master_end made{make_peer(), ++sessions_};
    session_up up;
    up.number = made.number;
    up.kind = session::AGENT;
    up.peer_epoch = leads_with;
    tell(agent_, up, made.end.handle);
    run();
    return made;
  }

  void say(const master_end& who, bool leads, epoch with = {}) {
    session::MasterToAgent body;
    auto& what = *body.add_messages()->mutable_leadership();
    what.set_leads(leads);
    what.mutable_epoch()->set_generation(with.generation);
    what.mutable_epoch()->set_term(with.term);
    tell(agent_, who.number, std::move(body));
    run();
  }

  void send(const master_end& who, session::MasterMessage message) {
    session::MasterToAgent body;
    *body.add_messages() = std::move(message);
    tell(agent_, who.number, std::move(body));
    run();
  }

  void accept(const master_end& who, epoch with) {
    session::MasterMessage message;
    auto& answer = *message.mutable_attached();
    answer.mutable_agent_id()->set_value("agent-1");
    answer.set_cluster_id("cluster-1");
    answer.mutable_epoch()->set_generation(with.generation);
    answer.mutable_epoch()->set_term(with.term);
    send(who, std::move(message));
  }

  void refuse(const master_end& who) {
    session::MasterMessage message;
    message.mutable_refused()->set_code("stale_incarnation");
    send(who, std::move(message));
  }

  void lose(const master_end& who) {
    tell(agent_, session_down{who.number, fail(errc::not_leader, "it is not")});
    run();
  }

  /// How often it has asked to be attached since the last call.
  size_t attaches(const master_end& who) {
    size_t count = 0;
    for (auto& bytes : std::exchange(*who.end.bodies, {})) {
      session::AgentToMaster body;
      EXPECT_TRUE(body.ParseFromString(bytes));
      for (auto& message : body.messages())
        count += message.has_attach() ? 1 : 0;
    }
    return count;
  }

  bool attached() {
    auto now = ask<agent_status>(agent_, get_agent_status{});
    return now && now->attached;
  }

  void begin() {
    start();
    run();
  }
};

TEST_F(AgentLeaders, AttachesToTheOneThatLeadsAndIsIdleElsewhere) {
  begin();
  auto first = open({});
  auto second = open({1, 1});
  auto third = open({});
  // As masters do right after a session was opened.
  say(second, true, {1, 1});
  EXPECT_EQ(attaches(first) + attaches(third), 0u);
  EXPECT_EQ(attaches(second), 1u);
  accept(second, {1, 1});
  EXPECT_TRUE(attached());
  EXPECT_FALSE(*first.end.closed || *second.end.closed || *third.end.closed);
  EXPECT_EQ(introductions_.size(), 1u);
  EXPECT_EQ(introductions_.at(0).cluster_id(), "cluster-1");
}

TEST_F(AgentLeaders, FollowsATakeOverOnAnIdleSession) {
  begin();
  auto first = open({1, 1});
  auto second = open({});
  accept(first, {1, 1});
  ASSERT_TRUE(attached());
  attaches(first);
  lose(first);
  EXPECT_FALSE(attached());
  EXPECT_EQ(attaches(second), 0u);
  say(second, true, {1, 2});
  EXPECT_EQ(attaches(second), 1u);
  accept(second, {1, 2});
  EXPECT_TRUE(attached());
  // The old one is back, and does not lead.
  auto back = open({});
  EXPECT_EQ(attaches(back), 0u);
  EXPECT_TRUE(attached());
}

TEST_F(AgentLeaders, LeavesALeaderForANewerOne) {
  begin();
  auto first = open({1, 1});
  auto second = open({});
  accept(first, {1, 1});
  attaches(first);
  say(second, true, {1, 2});
  EXPECT_FALSE(attached());
  EXPECT_EQ(attaches(second), 1u);
  // What the old one still wants has no effect.
  send(first, run_tasks({command_task("t1")}));
  accept(second, {1, 2});
  EXPECT_TRUE(attached());
  send(first, run_tasks({command_task("t2")}));
  EXPECT_TRUE(launcher_->launches.empty());
  EXPECT_EQ(attaches(first), 0u);
  send(second, run_tasks({command_task("t3")}));
  EXPECT_EQ(launcher_->launches.size(), 1u);
  // Its end does not matter either.
  lose(first);
  EXPECT_TRUE(attached());
}

TEST_F(AgentLeaders, IgnoresALeaderThatWasReplaced) {
  begin();
  auto first = open({1, 5});
  accept(first, {1, 5});
  lose(first);
  auto old = open({1, 4});
  say(old, true, {1, 4});
  EXPECT_EQ(attaches(old), 0u);
  // Not even after the agent was started again.
  crash();
  start();
  run();
  auto again = open({1, 4});
  EXPECT_EQ(attaches(again), 0u);
  EXPECT_FALSE(*again.end.closed);
  say(again, true, {1, 6});
  EXPECT_EQ(attaches(again), 1u);
}

TEST_F(AgentLeaders, AttachesAgainToALeaderThatComesBack) {
  begin();
  auto first = open({1, 1});
  accept(first, {1, 1});
  attaches(first);
  say(first, false);
  EXPECT_FALSE(attached());
  EXPECT_EQ(attaches(first), 0u);
  say(first, true, {1, 2});
  EXPECT_EQ(attaches(first), 1u);
  accept(first, {1, 2});
  EXPECT_TRUE(attached());
}

// The attach was dropped: the master had just stepped down.
TEST_F(AgentLeaders, DoesNotWaitForAnAnswerOfWhoDoesNotLead) {
  begin();
  auto first = open({1, 1});
  say(first, false);
  advance(options().timeouts.attach + 1s);
  EXPECT_FALSE(*first.end.closed);
}

TEST_F(AgentLeaders, ASilentLeaderIsLeftAndNotTheOthers) {
  begin();
  auto first = open({1, 1});
  auto second = open({});
  advance(options().timeouts.attach + 1s);
  EXPECT_TRUE(*first.end.closed);
  EXPECT_FALSE(*second.end.closed);
}

TEST_F(AgentLeaders, DoesNotAskARefusingMasterAgainWhenAnotherTakesOver) {
  begin();
  auto first = open({1, 1});
  refuse(first);
  auto second = open({});
  say(second, true, {1, 2});
  EXPECT_EQ(attaches(first), 1u);
  EXPECT_EQ(attaches(second), 1u);
  accept(second, {1, 2});
  advance(options().timeouts.refused_retry + 1s);
  EXPECT_TRUE(attached());
  EXPECT_FALSE(*first.end.closed || *second.end.closed);
}

TEST_F(AgentLeaders, KeepsALimitedNumberOfSessions) {
  begin();
  for (size_t n = 0; n < leader_choice::sessions_limit; ++n)
    EXPECT_FALSE(*open({}).end.closed);
  EXPECT_TRUE(*open({1, 1}).end.closed);
}

/// What the product logs meanwhile, line by line.
class AgentLeadersLog : public AgentLeaders {
protected:
  void SetUp() override {
    AgentLeaders::SetUp();
    log_.emplace();
  }

  std::optional<test::captured_log> log_;
};

TEST_F(AgentLeadersLog, AMasterThatIsDownIsWarnedOfOnce) {
  begin();
  auto first = open({1, 1});
  for (int times = 0; times < 5; ++times)
    tell(agent_, dial_failed{"host:1", fail(errc::unreachable, "no"), 1s});
  tell(agent_, dial_failed{"host:2", fail(errc::unreachable, "no"), 1s});
  settle();
  EXPECT_EQ(log_->count("[warning] master not reached"), 2u);
  // What else is lost is worth a look at all of them.
  lose(first);
  tell(agent_, dial_failed{"host:1", fail(errc::unreachable, "no"), 1s});
  settle();
  EXPECT_EQ(log_->count("[warning] master not reached"), 3u);
}

TEST_F(AgentLeadersLog, ThatNobodyLeadsIsSaidOnce) {
  begin();
  auto first = open({});
  open({});
  advance(leader_choice::leaderless_patience - 1s);
  EXPECT_EQ(log_->count("none leads"), 0u);
  advance(1h);
  EXPECT_EQ(log_->count("none leads"), 1u);
  say(first, true, {1, 1});
  say(first, false);
  advance(1h);
  EXPECT_EQ(log_->count("none leads"), 2u);
}

} // namespace
} // namespace agora
