// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/actors/master/master_fixture.hpp"

#include <gmock/gmock.h>

namespace agora::test {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class offers_of_a_master : public master_test {
protected:
  v1::scheduler::Call group_call(const peer& framework, const v1::Offer& offer,
                                 const std::vector<std::string>& tasks,
                                 const std::string& executor = "e1") {
    auto accept = accept_call(framework.id, {offer.id().value()});
    auto& operation = *accept.mutable_accept()->add_operations();
    operation.set_type(v1::Offer::Operation::LAUNCH_GROUP);
    auto& info = *operation.mutable_launch_group()->mutable_executor();
    info.set_type(v1::ExecutorInfo::DEFAULT);
    info.mutable_executor_id()->set_value(executor);
    *info.mutable_resources() = wire_of("cpus:1;mem:32");
    for (auto& task : tasks)
      *operation.mutable_launch_group()->mutable_task_group()->add_tasks()
        = command_task(task, offer.agent_id().value());
    return accept;
  }
};

TEST_F(offers_of_a_master, run_out) {
  attach("a1");
  auto framework = subscribe({.failover_timeout = 1000});
  auto offer = offer_of(framework);
  bench.advance(119s);
  EXPECT_EQ(offers_of(framework).size(), 1u);
  bench.advance(1s);
  EXPECT_THAT(offers_of(framework), IsEmpty());
  auto late = accept_call(framework.id, {offer.id().value()});
  add_launch(late, {command_task("t1", offer.agent_id().value())});
  bench.call(framework.session, late);
  auto got = news(framework);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].state(), v1::TASK_DROPPED);
  EXPECT_EQ(got[0].reason(), v1::TaskStatus::REASON_INVALID_OFFERS);
  EXPECT_THAT(got[0].message(), HasSubstr("no longer valid"));
}

TEST_F(offers_of_a_master, that_are_void_lose_tasks_of_older_frameworks) {
  attach("a1");
  auto framework = subscribe({.partition_aware = false});
  auto accept = accept_call(framework.id, {"O-9.9-1"});
  add_launch(accept, {command_task("t1", "x")});
  bench.call(framework.session, accept);
  EXPECT_THAT(states(framework), ElementsAre("t1 TASK_LOST"));
}

TEST_F(offers_of_a_master, are_declined_for_a_while) {
  attach("a1");
  auto framework = subscribe();
  decline(framework, offer_of(framework));
  EXPECT_THAT(offers_of(framework), IsEmpty());
  bench.advance(5s);
  decline(framework, offer_of(framework), 60);
  bench.advance(59s);
  EXPECT_THAT(offers_of(framework), IsEmpty());
  bench.call(framework.session, call_of(call::REVIVE, framework.id));
  // A framework that wants no pause gets a short one: it must not spin.
  decline(framework, offer_of(framework), 0);
  EXPECT_THAT(offers_of(framework), IsEmpty());
  bench.advance(999ms);
  EXPECT_THAT(offers_of(framework), IsEmpty());
  bench.advance(1ms);
  EXPECT_EQ(offers_of(framework).size(), 1u);
}

TEST_F(offers_of_a_master, are_suppressed) {
  attach("a1");
  auto framework = subscribe();
  bench.call(framework.session, call_of(call::SUPPRESS, framework.id));
  decline(framework, offer_of(framework), 0);
  bench.advance(1h);
  EXPECT_THAT(offers_of(framework), IsEmpty());
  bench.call(framework.session, call_of(call::REVIVE, framework.id));
  EXPECT_EQ(offers_of(framework).size(), 1u);
}

TEST_F(offers_of_a_master, of_one_agent_are_accepted_together) {
  auto agent = attach("a1");
  auto framework = subscribe();
  launch(framework, "t1", "cpus:2;mem:512");
  auto first = offer_of(framework);
  report(agent, framework, "t1", v1::TASK_FINISHED, "u1");
  auto both = offers_of(framework);
  ASSERT_EQ(both.size(), 2u);
  auto accept
    = accept_call(framework.id, {both[0].id().value(), both[1].id().value()});
  add_launch(accept, {command_task("t2", agent.id, "cpus:4;mem:1024")});
  bench.call(framework.session, accept);
  EXPECT_NE(find(framework, "t2"), nullptr);
}

TEST_F(offers_of_a_master, of_two_agents_or_roles_are_not) {
  auto one = attach("a1");
  attach("a2");
  auto framework = subscribe();
  auto both = offers_of(framework);
  ASSERT_EQ(both.size(), 2u);
  auto accept
    = accept_call(framework.id, {both[0].id().value(), both[1].id().value()});
  add_launch(accept, {command_task("t1", one.id)});
  offers.clear();
  bench.call(framework.session, accept);
  auto got = news(framework);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].reason(), v1::TaskStatus::REASON_INVALID_OFFERS);
  EXPECT_THAT(got[0].message(), HasSubstr("several agents"));
  // Nothing of them is lost.
  EXPECT_EQ(offers_of(framework).size(), 2u);
}

TEST_F(offers_of_a_master, of_others_are_out_of_reach) {
  auto agent = attach("a1");
  auto owner = subscribe();
  auto offer = offer_of(owner);
  auto thief = subscribe();
  auto accept = accept_call(thief.id, {offer.id().value()});
  add_launch(accept, {command_task("t1", agent.id)});
  bench.call(thief.session, accept);
  auto got = news(thief);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_THAT(got[0].message(), HasSubstr("another framework"));
  launch(owner, "t1");
  EXPECT_NE(find(owner, "t1"), nullptr);
}

TEST_F(offers_of_a_master, give_their_remainder_back_at_once) {
  auto agent = attach("a1");
  auto framework = subscribe();
  bench.hold_log = true;
  launch(framework, "t1");
  EXPECT_EQ(text(offer_of(framework).resources()), "cpus:3;mem:960");
  // Nothing leaves before it is committed.
  EXPECT_THAT(orders(agent), IsEmpty());
  bench.hold_log = false;
  bench.commit_all();
  EXPECT_THAT(orders(agent), ElementsAre("run t1"));
}

TEST_F(offers_of_a_master, judge_each_task_alone_and_in_order) {
  auto agent = attach("a1");
  auto framework = subscribe();
  launch(framework,
         {command_task("t1", "", "cpus:3;mem:64"),
          command_task("t2", "", "cpus:2;mem:64"),
          command_task("t1", "", "cpus:1;mem:64"), command_task("a b", ""),
          command_task("t3", "", "cpus:1;mem:64")});
  auto got = news(framework);
  ASSERT_EQ(got.size(), 3u);
  for (auto& update : got)
    EXPECT_EQ(update.state(), v1::TASK_ERROR);
  EXPECT_THAT(got[0].message(), HasSubstr("resources"));
  EXPECT_THAT(got[1].message(), HasSubstr("task_id is taken"));
  EXPECT_THAT(got[2].message(), HasSubstr("task_id"));
  EXPECT_THAT(orders(agent), ElementsAre("run t1", "run t3"));
}

TEST_F(offers_of_a_master, know_ids_that_are_under_way) {
  attach("a1");
  attach("a2");
  auto framework = subscribe();
  bench.hold_log = true;
  auto both = offers_of(framework);
  ASSERT_EQ(both.size(), 2u);
  for (auto& offer : both) {
    auto accept = accept_call(framework.id, {offer.id().value()});
    add_launch(accept, {command_task("t1", offer.agent_id().value())});
    bench.call(framework.session, accept);
  }
  EXPECT_THAT(states(framework), ElementsAre("t1 TASK_ERROR"));
  bench.hold_log = false;
  bench.commit_all();
  EXPECT_NE(find(framework, "t1"), nullptr);
}

TEST_F(offers_of_a_master, whose_tasks_are_all_refused_count_as_declined) {
  attach("a1");
  auto framework = subscribe();
  launch(framework, "t1", "cpus:5;mem:64");
  EXPECT_THAT(states(framework), ElementsAre("t1 TASK_ERROR"));
  EXPECT_THAT(offers_of(framework), IsEmpty());
  bench.advance(5s);
  EXPECT_EQ(offers_of(framework).size(), 1u);
}

TEST_F(offers_of_a_master, take_groups_as_one) {
  auto agent = attach("a1");
  auto framework = subscribe();
  bench.call(framework.session,
             group_call(framework, offer_of(framework), {"t1", "t2"}));
  EXPECT_THAT(orders(agent), ElementsAre("run t1", "run t2"));
  EXPECT_EQ(to_string(record(agent).used), "cpus:3;mem:160");
  offers.clear();
  read(framework.session);
  // One that does not fit takes the others with it.
  report(agent, framework, "t1", v1::TASK_FINISHED, "u1");
  auto all = offers_of(framework);
  ASSERT_FALSE(all.empty());
  news(framework);
  bench.call(framework.session,
             group_call(framework, all.back(), {"t3", "t4", "t5", "t6"}));
  EXPECT_THAT(states(framework), ElementsAre("t3 TASK_ERROR", "t4 TASK_ERROR",
                                             "t5 TASK_ERROR", "t6 TASK_ERROR"));
}

TEST_F(offers_of_a_master, start_executors_that_end_meanwhile_again) {
  auto agent = attach("a1", "cpus:8;mem:1024");
  auto framework = subscribe();
  auto offer = offer_of(framework);
  bench.call(framework.session, group_call(framework, offer, {"t1"}));
  offers.clear();
  EXPECT_EQ(to_string(record(agent).used), "cpus:2;mem:96");
  bench.hold_log = true;
  session::AgentMessage ended;
  ended.mutable_executor_ended()->mutable_framework_id()->set_value(
    framework.id);
  ended.mutable_executor_ended()->mutable_executor_id()->set_value("e1");
  bench.from_agent(agent.session, ended);
  // When this is planned, the executor still runs.
  auto rest = bench.take_events(framework.session);
  v1::Offer again;
  for (auto& got : rest)
    for (auto& one : got.offers().offers())
      again = one;
  bench.call(framework.session, group_call(framework, again, {"t2"}));
  bench.hold_log = false;
  bench.commit_all();
  EXPECT_EQ(to_string(record(agent).used), "cpus:3;mem:160");
}

TEST_F(offers_of_a_master, start_an_executor_once) {
  auto agent = attach("a1");
  auto framework = subscribe();
  bench.hold_log = true;
  launch(framework,
         {executor_task("t1", "", "e1"), executor_task("t2", "", "e1")});
  bench.hold_log = false;
  bench.commit_all();
  EXPECT_EQ(to_string(record(agent).used), "cpus:3;mem:160");
}

TEST_F(offers_of_a_master, split_what_is_too_large_for_one_entry) {
  auto agent = attach("a1", "cpus:8;mem:1024");
  auto framework = subscribe();
  std::vector<v1::TaskInfo> tasks;
  for (int i = 0; i < 6; ++i) {
    tasks.push_back(command_task("t" + std::to_string(i), ""));
    tasks.back().set_data(std::string(1'900'000, 'x'));
  }
  bench.hold_log = true;
  launch(framework, tasks);
  EXPECT_EQ(bench.uncommitted(), 3u);
  bench.hold_log = false;
  bench.commit_all();
  EXPECT_EQ(orders(agent).size(), 6u);
}

TEST_F(offers_of_a_master, refuse_operations_that_are_not_supported) {
  attach("a1");
  auto framework = subscribe();
  auto accept = accept_call(framework.id, {offer_of(framework).id().value()});
  auto& operation = *accept.mutable_accept()->add_operations();
  operation.set_type(v1::Offer::Operation::RESERVE);
  operation.mutable_id()->set_value("op1");
  operation.mutable_reserve();
  bench.call(framework.session, accept);
  auto found = false;
  for (auto& got : bench.take_events(framework.session))
    if (got.type() == event::UPDATE_OPERATION_STATUS)
      found
        = got.update_operation_status().status().state() == v1::OPERATION_ERROR;
  EXPECT_TRUE(found);
}

TEST_F(offers_of_a_master, are_bounded_in_one_call) {
  master_settings small;
  small.tasks_per_accept = 1;
  small.offers_per_call = 1;
  master_bench other{small};
  auto agent = other.open();
  other.from_agent(agent, attach_message("a1", 1, "cpus:4;mem:1024"));
  auto session = other.open();
  other.call(session, subscribe_call());
  std::string framework, offer, where;
  for (auto& got : other.take_events(session)) {
    if (got.has_subscribed())
      framework = got.subscribed().framework_id().value();
    for (auto& one : got.offers().offers()) {
      offer = one.id().value();
      where = one.agent_id().value();
    }
  }
  auto accept = accept_call(framework, {offer, "another"});
  add_launch(accept, {command_task("t1", where)});
  other.call(session, accept);
  accept = accept_call(framework, {offer});
  add_launch(accept, {command_task("t1", where), command_task("t2", where)});
  other.call(session, accept);
  size_t refused = 0;
  for (auto& got : other.take_events(session))
    refused
      += got.update().status().message().find("one ") != std::string::npos;
  EXPECT_EQ(refused, 3u);
  EXPECT_EQ(other.state().counts().total(), 0u);
}

} // namespace

} // namespace agora::test
