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
using ::testing::Not;

class agents : public master_test {};

TEST_F(agents, are_admitted_once_by_uid) {
  auto first = attach("a1");
  EXPECT_FALSE(first.id.empty());
  bench.lose(first.session);
  EXPECT_EQ(attach("a1").id, first.id);
  EXPECT_NE(attach("a2").id, first.id);
  EXPECT_EQ(bench.state().agent_count(), 2u);
}

TEST_F(agents, that_attach_twice_before_either_is_committed_are_one) {
  bench.hold_log = true;
  auto older = bench.open();
  bench.from_agent(older, attach_message("a1", 1, "cpus:4;mem:1024"));
  auto newer = bench.open();
  bench.from_agent(newer, attach_message("a1", 1, "cpus:4;mem:1024"));
  EXPECT_FALSE(bench.is_open(older));
  bench.commit_all();
  EXPECT_EQ(bench.state().agent_count(), 1u);
  bench.hold_log = false;
  bench.commit_all();
  auto framework = subscribe();
  EXPECT_EQ(offers_of(framework).size(), 1u);
  EXPECT_EQ(bench.context().agents.agent_of(newer)->text(),
            offer_of(framework).agent_id().value());
}

TEST_F(agents, whose_session_dies_while_the_next_attachment_is_under_way) {
  bench.hold_log = true;
  auto older = bench.open();
  bench.from_agent(older, attach_message("a1", 1, "cpus:4;mem:1024"));
  bench.lose(older);
  auto newer = bench.open();
  bench.from_agent(newer, attach_message("a1", 1, "cpus:4;mem:1024"));
  bench.hold_log = false;
  bench.commit_all();
  // The loss of the older one must not be logged behind the newer one.
  EXPECT_TRUE(bench.context().agents.agent_of(newer));
  bench.state().for_each_agent([](auto& agent) {
    EXPECT_TRUE(agent.attached());
    return true;
  });
}

TEST_F(agents, that_die_before_their_attachment_is_committed_are_lost) {
  bench.hold_log = true;
  auto session = bench.open();
  bench.from_agent(session, attach_message("a1", 1, "cpus:4;mem:1024"));
  bench.lose(session);
  bench.hold_log = false;
  bench.commit_all();
  EXPECT_EQ(bench.state().agent_count(cluster::AGENT_DETACHED), 1u);
  bench.advance(75s);
  EXPECT_EQ(bench.state().agent_count(cluster::AGENT_UNREACHABLE), 1u);
}

TEST_F(agents, of_an_older_incarnation_are_refused) {
  auto newer = attach("a1", "cpus:4;mem:1024", 2);
  attach("a1", "cpus:4;mem:1024", 1);
  EXPECT_THAT(told_at_attach(),
              ElementsAre("attached", "refused stale_incarnation"));
  EXPECT_TRUE(bench.is_open(newer.session));
}

TEST_F(agents, that_obey_a_newer_epoch_are_refused) {
  auto session = bench.open();
  auto message = attach_message("a1", 1, "cpus:1;mem:64");
  message.mutable_attach()->mutable_epoch()->set_generation(2);
  bench.from_agent(session, message);
  EXPECT_THAT(orders({session, {}}), ElementsAre("refused stale_epoch"));
  EXPECT_FALSE(bench.is_open(session));
  EXPECT_EQ(bench.state().agent_count(), 0u);
}

TEST_F(agents, that_belong_elsewhere_or_make_no_sense_are_refused) {
  auto refused = [this](auto change) {
    auto session = bench.open();
    auto message = attach_message("a9", 1, "cpus:1;mem:64");
    change(*message.mutable_attach());
    bench.from_agent(session, message);
    auto got = bench.take_agent(session);
    EXPECT_FALSE(bench.is_open(session));
    return got.empty() ? std::string{"nothing"} : got[0].refused().text();
  };
  EXPECT_THAT(refused([](auto& attach) {
                attach.mutable_agent_id()->set_value("other-S7");
              }),
              HasSubstr("other-S7 is not known"));
  EXPECT_THAT(refused([](auto& attach) {
                attach.clear_uid();
              }),
              HasSubstr("uid"));
  EXPECT_THAT(refused([](auto& attach) {
                attach.mutable_info()->clear_hostname();
              }),
              HasSubstr("hostname"));
  EXPECT_THAT(
    refused([](auto& attach) {
      attach.mutable_info()->mutable_resources(0)->mutable_scalar()->set_value(
        -1);
    }),
    HasSubstr("info.resources"));
  EXPECT_THAT(refused([](auto& attach) {
                attach.set_software(std::string(2 << 20, 'x'));
              }),
              HasSubstr("larger than"));
  EXPECT_EQ(bench.state().agent_count(), 0u);
}

TEST_F(agents, cannot_share_a_session) {
  auto first = attach("a1");
  bench.from_agent(first.session, attach_message("a2", 1, "cpus:1;mem:64"));
  EXPECT_FALSE(bench.is_open(first.session));
  EXPECT_EQ(bench.context().agents.attached_count(), 0u);
}

TEST_F(agents, that_attach_anew_void_their_offers_while_accepts_are_under_way) {
  auto agent = attach("a1");
  auto framework = subscribe({.failover_timeout = 1000});
  bench.hold_log = true;
  launch(framework, "t1");
  // What was left of the offer is out again.
  auto rest = offer_of(framework);
  auto again = attach("a1");
  EXPECT_FALSE(bench.is_open(agent.session));
  EXPECT_THAT(offers_of(framework), IsEmpty());
  auto late = accept_call(framework.id, {rest.id().value()});
  add_launch(late, {command_task("t2", agent.id)});
  bench.call(framework.session, late);
  EXPECT_THAT(states(framework), ElementsAre("t2 TASK_DROPPED"));
  bench.commit();
  EXPECT_NE(find(framework, "t1"), nullptr);
  bench.hold_log = false;
  bench.commit_all();
  // The launch goes to where the agent is now, and its rest is offered.
  EXPECT_THAT(orders(again), ElementsAre("attached", "run t1"));
  EXPECT_EQ(text(offer_of(framework).resources()), "cpus:3;mem:960");
}

TEST_F(agents, are_not_offered_by_plans_from_before_they_came_back) {
  auto agent = attach("a1");
  bench.hold_plans = true;
  auto framework = subscribe({.failover_timeout = 1000});
  bench.lose(agent.session);
  attach("a1");
  bench.deliver_plans();
  EXPECT_EQ(offers_of(framework).size(), 1u);
  bench.hold_plans = false;
  bench.deliver_plans();
  launch(framework, "t1");
  EXPECT_NE(find(framework, "t1"), nullptr);
}

TEST_F(agents, that_are_refused_when_it_is_applied_are_waited_for) {
  auto agent = attach("a1");
  auto framework = subscribe({.failover_timeout = 1000});
  bench.hold_log = true;
  launch(framework, "t1", "cpus:4;mem:1024");
  // When this is proposed, the log does not know of the task.
  auto smaller = bench.open();
  bench.from_agent(smaller, attach_message("a1", 2, "cpus:1;mem:64"));
  bench.hold_log = false;
  bench.commit_all();
  EXPECT_FALSE(bench.is_open(smaller));
  EXPECT_EQ(record(agent).state, cluster::AGENT_DETACHED);
  bench.advance(75s);
  EXPECT_EQ(record(agent).state, cluster::AGENT_UNREACHABLE);
}

TEST_F(agents, that_stay_away_become_unreachable) {
  auto agent = attach("a1");
  auto aware = subscribe({.failover_timeout = 1000});
  launch(aware, "t1");
  report(agent, aware, "t1", v1::TASK_RUNNING, "u1");
  bench.lose(agent.session);
  EXPECT_THAT(offers_of(aware), IsEmpty());
  news(aware);
  bench.advance(74s);
  EXPECT_THAT(states(aware), IsEmpty());
  bench.advance(1s);
  EXPECT_THAT(states(aware), ElementsAre("t1 TASK_UNREACHABLE"));
  EXPECT_EQ(find(aware, "t1")->state, v1::TASK_UNREACHABLE);
  // It returns, and so does the task.
  attach("a1", "cpus:4;mem:1024", 2,
         {held_task(aware.id, "t1", v1::TASK_RUNNING)});
  EXPECT_THAT(states(aware), ElementsAre("t1 TASK_RUNNING"));
  EXPECT_EQ(text(offer_of(aware).resources()), "cpus:3;mem:960");
}

// Whatever its executor has put beside the state.
TEST_F(agents, that_return_bring_tasks_back_that_have_much_to_say) {
  auto agent = attach("a1");
  auto framework = subscribe({.failover_timeout = 1000});
  launch(framework, "t1");
  bench.lose(agent.session);
  bench.advance(75s);
  EXPECT_THAT(states(framework), ElementsAre("t1 TASK_UNREACHABLE"));
  auto held = held_task(framework.id, "t1", v1::TASK_RUNNING, "u1");
  held.mutable_latest_status()->set_data(std::string(100'000, 'd'));
  held.mutable_latest_status()->set_message(std::string(100'000, 'm'));
  for (int i = 0; i < 100; ++i) {
    auto& label = *held.mutable_latest_status()->mutable_labels()->add_labels();
    label.set_key(std::string(100, 'k'));
  }
  attach("a1", "cpus:4;mem:1024", 2, {held});
  EXPECT_THAT(states(framework), ElementsAre("t1 TASK_RUNNING"));
  EXPECT_EQ(find(framework, "t1")->state, v1::TASK_RUNNING);
}

TEST_F(agents, that_return_with_a_lost_task_have_to_kill_it) {
  auto agent = attach("a1");
  auto old = subscribe({.failover_timeout = 1000, .partition_aware = false});
  launch(old, "t1");
  report(agent, old, "t1", v1::TASK_RUNNING, "u1");
  news(old);
  bench.lose(agent.session);
  bench.advance(75s);
  EXPECT_THAT(states(old), ElementsAre("t1 TASK_LOST"));
  told.clear();
  auto back = attach("a1", "cpus:4;mem:1024", 1,
                     {held_task(old.id, "t1", v1::TASK_RUNNING)});
  EXPECT_THAT(told_at_attach(), ElementsAre("attached", "kill t1"));
  report(back, old, "t1", v1::TASK_KILLED, "u2");
  EXPECT_THAT(orders(back), ElementsAre("ack t1"));
  EXPECT_THAT(states(old), IsEmpty());
}

TEST_F(agents, are_not_given_up_all_at_once) {
  master_settings slow;
  slow.unreachable_per_second = 2;
  master_bench other{slow};
  std::vector<session_number> sessions;
  for (auto uid : {"a1", "a2", "a3", "a4", "a5"}) {
    sessions.push_back(other.open());
    other.from_agent(sessions.back(), attach_message(uid, 1, "cpus:1;mem:64"));
  }
  for (auto session : sessions)
    other.lose(session);
  auto gone = [&] {
    return other.state().agent_count(cluster::AGENT_UNREACHABLE);
  };
  other.advance(75s);
  EXPECT_EQ(gone(), 2u);
  other.advance(500ms);
  EXPECT_EQ(gone(), 2u);
  other.advance(500ms);
  EXPECT_EQ(gone(), 4u);
  other.advance(1s);
  EXPECT_EQ(gone(), 5u);
}

TEST_F(agents, have_time_to_come_back_after_a_start) {
  auto agent = attach("a1");
  bench.restart();
  bench.advance(9min);
  EXPECT_EQ(record(agent).state, cluster::AGENT_ATTACHED);
  bench.advance(1min);
  EXPECT_EQ(record(agent).state, cluster::AGENT_UNREACHABLE);
}

TEST_F(agents, that_come_back_in_the_last_moment_are_kept) {
  auto agent = attach("a1");
  bench.restart();
  bench.hold_log = true;
  auto session = bench.open();
  bench.from_agent(session, attach_message("a1", 1, "cpus:4;mem:1024"));
  bench.advance(10min);
  bench.hold_log = false;
  bench.commit_all();
  EXPECT_EQ(record(agent).state, cluster::AGENT_ATTACHED);
  EXPECT_TRUE(bench.context().agents.agent_of(session));
}

TEST_F(agents, get_unconfirmed_tasks_again_and_their_kills) {
  auto agent = attach("a1");
  auto framework = subscribe({.failover_timeout = 1000});
  launch(framework, {command_task("t1", ""), command_task("t2", "")});
  bench.call(framework.session, kill_call(framework.id, "t2"));
  EXPECT_THAT(orders(agent), ElementsAre("run t1", "run t2", "kill t2"));
  bench.lose(agent.session);
  told.clear();
  auto back = attach("a1");
  EXPECT_THAT(told_at_attach(),
              ElementsAre("attached", "run t1", "run t2", "kill t2"));
  bench.from_agent(back.session, confirm_message(framework.id, "t1"));
  EXPECT_TRUE(find(framework, "t1")->confirmed);
  bench.lose(back.session);
  told.clear();
  // Now it must have the first one.
  attach("a1");
  EXPECT_THAT(told_at_attach(), ElementsAre("attached", "run t2", "kill t2"));
  EXPECT_THAT(states(framework), ElementsAre("t1 TASK_DROPPED"));
}

TEST_F(agents, confirm_what_they_hold) {
  auto agent = attach("a1");
  auto framework = subscribe({.failover_timeout = 1000});
  launch(framework, "t1");
  bench.lose(agent.session);
  attach("a1", "cpus:4;mem:1024", 1,
         {held_task(framework.id, "t1", v1::TASK_STAGING)});
  EXPECT_TRUE(find(framework, "t1")->confirmed);
}

// Its tasks were never confirmed, but the agent has them: they do not start it
// again.
TEST_F(agents, give_back_executors_that_ended_while_they_were_away) {
  auto agent = attach("a1");
  auto framework = subscribe({.failover_timeout = 1000});
  launch(framework, {executor_task("t1", "", "e1")});
  EXPECT_EQ(to_string(record(agent).used), "cpus:2;mem:96");
  bench.lose(agent.session);
  auto back = attach("a1", "cpus:4;mem:1024", 1,
                     {held_task(framework.id, "t1", v1::TASK_FINISHED, "u1")});
  EXPECT_EQ(to_string(record(agent).used), "cpus:1;mem:64");
  report(back, framework, "t1", v1::TASK_FINISHED, "u1");
  EXPECT_EQ(to_string(record(agent).used), "");
}

TEST_F(agents, keep_executors_whose_tasks_go_to_them_again) {
  auto agent = attach("a1");
  auto framework = subscribe({.failover_timeout = 1000});
  launch(framework, {executor_task("t1", "", "e1")});
  bench.lose(agent.session);
  told.clear();
  attach("a1");
  EXPECT_THAT(told_at_attach(), ElementsAre("attached", "run t1"));
  EXPECT_EQ(to_string(record(agent).used), "cpus:2;mem:96");
}

TEST_F(agents, that_hold_what_the_log_never_had_hold_orphans) {
  auto framework = subscribe({.failover_timeout = 1000});
  auto agent = attach("a1", "cpus:4;mem:1024", 1,
                      {held_task(framework.id, "stray", v1::TASK_RUNNING)});
  auto first = std::exchange(told, {});
  ASSERT_FALSE(first.empty());
  EXPECT_EQ(first[0].attached().orphans_size(), 1);
  report(agent, framework, "stray", v1::TASK_RUNNING, "u1");
  EXPECT_THAT(states(framework), IsEmpty());
  EXPECT_THAT(orders(agent), IsEmpty());

  session::ToolRequest list;
  list.mutable_get_orphans();
  auto orphans = bench.ask(list).orphans();
  ASSERT_EQ(orphans.orphans_size(), 1);
  EXPECT_EQ(orphans.orphans(0).task_id().value(), "stray");

  // All of the agent is on offer: it is adopted all the same.
  EXPECT_EQ(text(offer_of(framework).resources()), "cpus:4;mem:1024");
  bench.may_be_overdrawn = true;
  session::ToolRequest resolve;
  auto& asked = *resolve.mutable_resolve_orphan();
  asked.mutable_agent_id()->set_value(agent.id);
  asked.mutable_framework_id()->set_value(framework.id);
  asked.mutable_task_id()->set_value("stray");
  asked.set_decision(session::ResolveOrphan::ADOPT);
  auto answer = bench.ask(resolve);
  EXPECT_TRUE(answer.has_done()) << answer.error().text();
  EXPECT_THAT(orders(agent), ElementsAre("adopt stray"));
  EXPECT_EQ(find(framework, "stray")->state, v1::TASK_RUNNING);
  EXPECT_EQ(text(offer_of(framework).resources()), "cpus:3;mem:960");
  EXPECT_EQ(bench.ask(resolve).error().code(), "not_found");
}

TEST_F(agents, kill_orphans_when_an_operator_says_so) {
  auto agent = attach("a1", "cpus:4;mem:1024", 1,
                      {held_task("nobody", "stray", v1::TASK_RUNNING)});
  session::ToolRequest resolve;
  auto& asked = *resolve.mutable_resolve_orphan();
  asked.mutable_agent_id()->set_value(agent.id);
  asked.mutable_framework_id()->set_value("nobody");
  asked.mutable_task_id()->set_value("stray");
  EXPECT_EQ(bench.ask(resolve).error().code(), "invalid_argument");
  asked.set_decision(session::ResolveOrphan::KILL);
  EXPECT_TRUE(bench.ask(resolve).has_done());
  EXPECT_THAT(orders(agent), ElementsAre("kill stray"));
  bench.from_agent(agent.session,
                   status_message("nobody", "stray", v1::TASK_KILLED, "u1"));
  EXPECT_THAT(orders(agent), ElementsAre("ack stray"));
}

TEST_F(agents, say_goodbye) {
  auto agent = attach("a1");
  session::AgentMessage message;
  message.mutable_detach()->set_reason(std::string(1 << 20, 'x'));
  bench.from_agent(agent.session, message);
  EXPECT_FALSE(bench.is_open(agent.session));
  EXPECT_EQ(record(agent).state, cluster::AGENT_DETACHED);
}

} // namespace

} // namespace agora::test
