// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/actors/master/master_fixture.hpp"

#include <gmock/gmock.h>

namespace agora::test {

namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class gone_agents : public master_test {
protected:
  session::ToolResponse mark(const std::string& id, bool force = true) {
    session::ToolRequest request;
    request.mutable_mark_agent_gone()->mutable_agent_id()->set_value(id);
    request.mutable_mark_agent_gone()->set_force(force);
    return bench.ask(request);
  }

  session::AgentList list(bool gone) {
    session::ToolRequest request;
    request.mutable_get_agents()->set_gone(gone);
    return bench.ask(request).agents();
  }
};

TEST_F(gone_agents, end_their_tasks_for_good) {
  auto agent = attach();
  auto aware = subscribe({.partition_aware = true});
  launch(aware, "t1");
  decline(aware, offer_of(aware), 1'000);
  auto plain = subscribe({.partition_aware = false});
  launch(plain, "t2");
  news(aware);
  bench.lose(agent.session);
  EXPECT_TRUE(mark(agent.id).has_done());
  EXPECT_THAT(states(aware), ElementsAre("t1 TASK_GONE_BY_OPERATOR"));
  EXPECT_THAT(states(plain), ElementsAre("t2 TASK_LOST"));
  EXPECT_TRUE(record(agent).used.empty());
  EXPECT_THAT(offers_of(plain), IsEmpty());
}

TEST_F(gone_agents, say_why_their_tasks_ended) {
  auto agent = attach();
  auto framework = subscribe({.partition_aware = true});
  launch(framework, "t1");
  EXPECT_TRUE(mark(agent.id).has_done());
  auto update = news(framework).at(0);
  EXPECT_EQ(update.reason(), v1::TaskStatus::REASON_AGENT_REMOVED_BY_OPERATOR);
  EXPECT_EQ(update.source(), v1::TaskStatus::SOURCE_MASTER);
  EXPECT_THAT(update.message(), HasSubstr("marked gone"));
}

TEST_F(gone_agents, that_are_attached_lose_their_session_and_their_offers) {
  auto agent = attach();
  auto framework = subscribe();
  ASSERT_EQ(offers_of(framework).size(), 1u);
  EXPECT_TRUE(mark(agent.id).has_done());
  EXPECT_FALSE(bench.is_open(agent.session));
  EXPECT_THAT(offers_of(framework), IsEmpty());
}

TEST_F(gone_agents, that_come_back_are_told_that_they_are) {
  auto agent = attach("a1");
  EXPECT_TRUE(mark(agent.id).has_done());
  told.clear();
  attach("a1", "cpus:4;mem:1024", 2);
  EXPECT_THAT(told_at_attach(), ElementsAre("refused agent_gone"));
  EXPECT_EQ(record(agent).state, cluster::AGENT_GONE);
}

TEST_F(gone_agents, that_were_about_to_attach_are_told_so_too) {
  auto agent = attach("a1");
  bench.lose(agent.session);
  bench.hold_log = true;
  EXPECT_FALSE(mark(agent.id).has_done());
  auto session = bench.open();
  bench.from_agent(session, attach_message("a1", 2, "cpus:4;mem:1024"));
  bench.hold_log = false;
  bench.commit_all();
  EXPECT_THAT(orders({session, agent.id}), ElementsAre("refused agent_gone"));
  EXPECT_FALSE(bench.is_open(session));
}

TEST_F(gone_agents, end_launches_that_were_under_way) {
  auto agent = attach();
  auto framework = subscribe({.partition_aware = true});
  auto offer = offer_of(framework);
  bench.hold_log = true;
  mark(agent.id);
  launch_on(offer, framework, {command_task("t1", "", "cpus:1;mem:64")});
  bench.hold_log = false;
  bench.commit_all();
  EXPECT_THAT(states(framework), ElementsAre("t1 TASK_DROPPED"));
  EXPECT_EQ(find(framework, "t1"), nullptr);
}

TEST_F(gone_agents, are_listed_only_if_asked_for) {
  auto agent = attach("a1");
  attach("a2");
  EXPECT_TRUE(mark(agent.id).has_done());
  EXPECT_EQ(list(false).agents_size(), 1);
  auto all = list(true);
  ASSERT_EQ(all.agents_size(), 2);
  EXPECT_EQ(all.agents(0).state(), "gone");
}

TEST_F(gone_agents, are_marked_once_and_only_if_they_are_known) {
  auto agent = attach("a1");
  EXPECT_EQ(mark("nobody").error().code(), "not_found");
  EXPECT_TRUE(mark(agent.id).has_done());
  EXPECT_EQ(mark(agent.id).error().code(), "conflict");
}

TEST_F(gone_agents, must_be_meant_if_they_may_be_well) {
  auto agent = attach("a1");
  auto refused = mark(agent.id, false).error();
  EXPECT_EQ(refused.code(), "conflict");
  EXPECT_THAT(refused.text(), HasSubstr("--force"));
  EXPECT_TRUE(bench.is_open(agent.session));
  // A master that has just started has not heard of it yet.
  bench.restart();
  EXPECT_EQ(list(false).agents(0).state(), "awaited");
  EXPECT_EQ(mark(agent.id, false).error().code(), "conflict");
}

TEST_F(gone_agents, need_not_be_meant_twice_if_they_are_lost) {
  auto agent = attach("a1");
  bench.lose(agent.session);
  EXPECT_EQ(list(false).agents(0).state(), "detached");
  EXPECT_TRUE(mark(agent.id, false).has_done());
}

TEST_F(gone_agents, may_be_unreachable_ones) {
  auto agent = attach("a1");
  auto framework = subscribe({.partition_aware = true});
  launch(framework, "t1");
  bench.lose(agent.session);
  bench.advance(76s);
  EXPECT_THAT(states(framework), Contains("t1 TASK_UNREACHABLE"));
  EXPECT_TRUE(mark(agent.id).has_done());
  EXPECT_THAT(states(framework), ElementsAre("t1 TASK_GONE_BY_OPERATOR"));
}

} // namespace

} // namespace agora::test
