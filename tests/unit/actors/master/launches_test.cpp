// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/actors/master/master_fixture.hpp"

#include <gmock/gmock.h>

// Which launch of a task is meant, and what becomes of the ones that are over.

namespace agora::test {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class launches : public master_test {
protected:
  void SetUp() override {
    agent = attach("a1");
    framework = subscribe({.failover_timeout = 1000});
    launch(framework, "t1");
    EXPECT_THAT(orders(agent), ElementsAre("run t1"));
    first = launched["t1"];
  }

  /// The agent returns with this task.
  std::vector<std::string> return_with(const session::HeldTask& held) {
    bench.lose(agent.session);
    told.clear();
    agent = attach("a1", "cpus:4;mem:1024", 1, {held});
    auto orphans = told.empty() ? 0 : told[0].attached().orphans_size();
    auto words = told_at_attach();
    if (orphans > 0)
      words.push_back("orphans " + std::to_string(orphans));
    return words;
  }

  session::HeldTask held(v1::TaskState state, const launch_id& which,
                         const std::string& uuid = {},
                         const std::string& task = "t1") {
    return held_task(framework.id, task, state, uuid, which);
  }

  void say(v1::TaskState state, const std::string& uuid,
           const launch_id& which) {
    bench.from_agent(agent.session,
                     status_message(framework.id, "t1", state, uuid, which));
  }

  /// The first launch ends, and its framework knows.
  void end_first() {
    say(v1::TASK_FINISHED, "u1", first);
    auto end = news(framework);
    ASSERT_EQ(end.size(), 1u);
    bench.call(framework.session, acknowledge_call(framework.id, end[0]));
    orders(agent);
  }

  void launch_again() {
    launch_on(offers_of(framework).at(0), framework,
              {command_task("t1", "", "cpus:1;mem:64")});
  }

  peer agent;
  peer framework;
  launch_id first;
};

TEST_F(launches, are_named_by_their_place_in_the_log) {
  EXPECT_EQ(first.generation, 1u);
  EXPECT_GT(first.index, 0u);
  end_first();
  launch_again();
  EXPECT_THAT(orders(agent), ElementsAre("run t1"));
  EXPECT_GT(launched["t1"], first);
  EXPECT_EQ(find(framework, "t1")->launch, launched["t1"]);
  // What is sent again is the same launch.
  auto second = launched["t1"];
  bench.lose(agent.session);
  told.clear();
  attach("a1");
  EXPECT_THAT(told_at_attach(), ElementsAre("attached", "run t1"));
  EXPECT_EQ(launched["t1"], second);
}

TEST_F(launches, survive_the_leader) {
  bench.restart();
  EXPECT_EQ(find(framework, "t1")->launch, first);
  told.clear();
  attach("a1");
  EXPECT_THAT(told_at_attach(), ElementsAre("attached", "run t1"));
  EXPECT_EQ(launched["t1"], first);
}

// The end of the first is acknowledged, and its agent never hears of it; the
// launch of the second does not reach the agent either.
TEST_F(launches, are_told_from_earlier_ones_of_the_same_task) {
  end_first();
  launch_again();
  EXPECT_THAT(return_with(held(v1::TASK_FINISHED, first, "u1")),
              ElementsAre("attached", "ack t1", "run t1"));
  EXPECT_FALSE(find(framework, "t1")->confirmed);
  // What was under way of the first one.
  say(v1::TASK_FINISHED, "u1", first);
  EXPECT_THAT(orders(agent), ElementsAre("ack t1"));
  EXPECT_EQ(find(framework, "t1")->state, v1::TASK_STAGING);
  say(v1::TASK_FINISHED, "u2", launched["t1"]);
  EXPECT_THAT(states(framework), ElementsAre("t1 TASK_FINISHED"));
}

// The log may have forgotten long ago how they ended: that they did is known
// from where they began.
TEST_F(launches, that_are_over_are_ended_however_long_ago) {
  ASSERT_EQ(find(framework, "t9"), nullptr);
  EXPECT_THAT(return_with(held(v1::TASK_RUNNING, first, {}, "t9")),
              ElementsAre("attached", "kill t9", "run t1"));
  bench.from_agent(agent.session, status_message(framework.id, "t9",
                                                 v1::TASK_KILLED, "u9", first));
  EXPECT_THAT(orders(agent), ElementsAre("ack t9"));
  EXPECT_THAT(states(framework), IsEmpty());
}

TEST_F(launches, that_are_over_are_ended_though_another_agent_has_the_task) {
  end_first();
  auto other = attach("a2");
  for (auto& offer : offers_of(framework))
    if (offer.agent_id().value() == other.id)
      launch_on(offer, framework, {command_task("t1", "", "cpus:1;mem:64")});
  EXPECT_THAT(orders(other), ElementsAre("run t1"));
  EXPECT_THAT(return_with(held(v1::TASK_RUNNING, first)),
              ElementsAre("attached", "kill t1"));
  say(v1::TASK_RUNNING, "u2", first);
  EXPECT_THAT(orders(agent), ElementsAre("ack t1", "kill t1"));
  EXPECT_EQ(find(framework, "t1")->state, v1::TASK_STAGING);
}

// Whatever is said of the earlier one must not end the one that follows: the
// agent, when it gets that, ends the earlier one by itself.
TEST_F(launches,
       that_follow_on_the_same_agent_are_not_killed_for_earlier_ones) {
  end_first();
  launch_again();
  EXPECT_THAT(orders(agent), ElementsAre("run t1"));
  say(v1::TASK_KILLING, "u3", first);
  EXPECT_THAT(orders(agent), ElementsAre("ack t1"));
  EXPECT_EQ(find(framework, "t1")->state, v1::TASK_STAGING);
}

// A log from a backup does not know what was launched after it was made.
TEST_F(launches, of_another_generation_are_orphans) {
  EXPECT_THAT(return_with(held(v1::TASK_RUNNING, {7, first.index}, {}, "t9")),
              ElementsAre("attached", "run t1", "orphans 1"));
  // Nothing is said of it until an operator has decided.
  auto ask = call_of(call::RECONCILE, framework.id);
  auto& asked = *ask.mutable_reconcile()->add_tasks();
  asked.mutable_task_id()->set_value("t9");
  asked.mutable_agent_id()->set_value(agent.id);
  bench.call(framework.session, ask);
  EXPECT_THAT(states(framework), IsEmpty());
}

TEST_F(launches, that_the_log_does_not_have_yet_are_orphans) {
  launch_id later{1, first.index + 1'000'000};
  EXPECT_THAT(return_with(held(v1::TASK_RUNNING, later, {}, "t9")),
              ElementsAre("attached", "run t1", "orphans 1"));
}

// Each task is judged alone, whatever it lacks.
TEST_F(launches, without_a_required_field_cost_that_task_only) {
  auto nameless = command_task("t2", "", "cpus:1;mem:64");
  nameless.clear_name();
  auto lost = command_task("t3", "", "cpus:1;mem:64");
  auto amount = command_task("t4", "", "cpus:1;mem:64");
  amount.mutable_resources(0)->clear_name();
  auto offer = offer_of(framework);
  auto good = command_task("t5", "", "cpus:1;mem:64");
  for (auto* task : {&nameless, &amount, &good})
    *task->mutable_agent_id() = offer.agent_id();
  auto accept = accept_call(framework.id, {offer.id().value()});
  add_launch(accept, {nameless, lost, amount, good});
  offers.erase(offer.id().value());
  bench.call(framework.session, accept);
  auto got = news(framework);
  ASSERT_EQ(got.size(), 3u);
  const char* missing[]
    = {"name is missing", "agent_id is", "resources[0].name"};
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].state(), v1::TASK_ERROR);
    EXPECT_EQ(got[i].reason(), v1::TaskStatus::REASON_TASK_INVALID);
    EXPECT_THAT(got[i].message(), HasSubstr(missing[i]));
  }
  EXPECT_TRUE(bench.is_open(framework.session));
  EXPECT_THAT(orders(agent), ElementsAre("run t5"));
}

TEST_F(launches, of_groups_without_a_required_field_cost_that_group_only) {
  auto offer = offer_of(framework);
  auto task = command_task("t2", "", "cpus:1;mem:64");
  *task.mutable_agent_id() = offer.agent_id();
  auto accept = accept_call(framework.id, {offer.id().value()});
  auto& operation = *accept.mutable_accept()->add_operations();
  operation.set_type(v1::Offer::Operation::LAUNCH_GROUP);
  auto& group = *operation.mutable_launch_group();
  group.mutable_executor()->set_type(v1::ExecutorInfo::DEFAULT);
  *group.mutable_task_group()->add_tasks() = task;
  offers.erase(offer.id().value());
  bench.call(framework.session, accept);
  auto got = news(framework);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].state(), v1::TASK_ERROR);
  EXPECT_EQ(got[0].reason(), v1::TaskStatus::REASON_TASK_GROUP_INVALID);
  EXPECT_THAT(got[0].message(), HasSubstr("executor_id is missing"));
  EXPECT_TRUE(bench.is_open(framework.session));
}

TEST_F(launches, from_offers_without_a_name_are_refused) {
  auto accept = accept_call(framework.id, {});
  accept.mutable_accept()->add_offer_ids();
  bench.call(framework.session, accept);
  auto refused = bench.take_refused(framework.session);
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_THAT(refused[0].text(), HasSubstr("accept.offer_ids[0]"));
  EXPECT_TRUE(bench.is_open(framework.session));
}

// The agent's word that an executor has ended crosses the launch of a task for
// it: the agent starts it again, and its resources stay counted.
TEST_F(launches, for_an_executor_that_has_just_ended_keep_it) {
  auto task_of = [](const std::string& id) {
    auto task = command_task(id, "", "cpus:1;mem:64");
    auto& executor = *task.mutable_executor();
    executor.mutable_executor_id()->set_value("e1");
    *executor.mutable_command() = task.command();
    *executor.mutable_resources() = wire_of("cpus:1;mem:64");
    task.clear_command();
    return task;
  };
  launch_on(offers_of(framework).at(0), framework, {task_of("c1")});
  bench.from_agent(agent.session, confirm_message(framework.id, "c1"));
  bench.from_agent(agent.session,
                   status_message(framework.id, "c1", v1::TASK_FINISHED, "u3"));
  launch_on(offers_of(framework).at(0), framework, {task_of("c2")});
  EXPECT_EQ(to_string(record(agent).used), "cpus:3;mem:192");
  bench.from_agent(agent.session, executor_ended_message(framework.id, "e1"));
  EXPECT_EQ(to_string(record(agent).used), "cpus:3;mem:192");
  bench.from_agent(agent.session, confirm_message(framework.id, "c2"));
  bench.from_agent(agent.session,
                   status_message(framework.id, "c2", v1::TASK_FINISHED, "u4"));
  bench.from_agent(agent.session, executor_ended_message(framework.id, "e1"));
  EXPECT_EQ(to_string(record(agent).used), "cpus:1;mem:64");
}

} // namespace

} // namespace agora::test
