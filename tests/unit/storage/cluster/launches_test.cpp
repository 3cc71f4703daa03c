// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/cluster/cluster_rules.hpp"
#include "tests/unit/storage/cluster/cluster_fixture.hpp"

namespace agora {
namespace {

using Launches = cluster_test;

TEST_F(Launches, AStartedTaskIsStagingAndUsesItsResources) {
  auto out = accepted(add_task(accepts(plain, agent), task_of("t1", 1.5)));
  ASSERT_EQ(out.started.size(), 1u);
  EXPECT_EQ(out.started[0].key, (task_key{plain, task_id{"t1"}}));
  EXPECT_EQ(out.started[0].role, "dev");
  ASSERT_EQ(out.acquired.size(), 1u);
  EXPECT_EQ(out.acquired[0].amount, resources::of_milli(1500, 10'000));
  auto* task = state.find_task(out.started[0].key);
  EXPECT_EQ(task->state, v1::TASK_STAGING);
  EXPECT_FALSE(task->confirmed);
  EXPECT_EQ(task->task_info, "info of t1");
  EXPECT_EQ(task->latest_status().state(), v1::TASK_STAGING);
  EXPECT_EQ(task->latest_status().agent_id().value(), agent.text());
  auto& usage = state.find_agent(agent)->usage;
  ASSERT_EQ(usage.size(), 1u);
  EXPECT_EQ(usage[0].framework, plain);
  EXPECT_EQ(usage[0].role, "dev");
  EXPECT_EQ(usage[0].amount, out.acquired[0].amount);
}

TEST_F(Launches, AreRefusedAsAWholeForWhoAndWhere) {
  auto with_task = [&](auto entry) {
    return add_task(entry, task_of("t", 1));
  };
  EXPECT_EQ(rejected(with_task(accepts(framework_id{"x"}, agent))),
            errc::not_found);
  EXPECT_EQ(rejected(with_task(accepts(plain, agent, 2))),
            errc::stale_incarnation);
  EXPECT_EQ(rejected(with_task(accepts(plain, agent_id{"x"}))),
            errc::not_found);
  accepted(detached(agent));
  EXPECT_EQ(rejected(with_task(accepts(plain, agent))), errc::conflict);
}

TEST_F(Launches, EachTaskIsJudgedAlone) {
  auto entry = accepts(plain, agent);
  entry = add_task(entry, task_of("t1", 1));
  entry = add_task(entry, task_of("t1", 1));
  entry = add_task(entry, task_of("", 1));
  entry = add_task(entry, task_of("a/b", 1));
  entry = add_task(entry, task_of("big", 3.5));
  entry = add_task(entry, task_of("bad", -1));
  entry = add_task(entry, task_of("t2", 3));
  entry = add_task(entry, task_of(std::string(256, 'x'), 0.1));
  auto out = accepted(entry);
  ASSERT_EQ(out.started.size(), 2u);
  EXPECT_EQ(out.started[0].place, 0u);
  EXPECT_EQ(out.started[1].place, 6u);
  std::vector<std::pair<size_t, errc>> refused;
  for (auto& task : out.refused)
    refused.emplace_back(task.place, code_of(task.reason));
  EXPECT_EQ(refused, (std::vector<std::pair<size_t, errc>>{
                       {1, errc::already_exists},
                       {2, errc::invalid_argument},
                       {3, errc::invalid_argument},
                       {4, errc::invalid_resources},
                       {5, errc::invalid_resources},
                       {7, errc::invalid_argument}}));
  EXPECT_EQ(used_milli(agent), 4000);
  // One change for all, so that books are moved once.
  ASSERT_EQ(out.acquired.size(), 1u);
  EXPECT_EQ(out.acquired[0].amount.cpus().milli(), 4000);
}

TEST_F(Launches, AnIdIsFreeAgainAfterTheAcknowledgement) {
  auto key = start(plain, agent, "t");
  accepted(reported(key, v1::TASK_FINISHED, "u"));
  auto again = add_task(accepts(plain, agent), task_of("t", 1));
  EXPECT_EQ(accepted(again).refused.size(), 1u);
  accepted(acknowledged(key, "u"));
  EXPECT_EQ(accepted(again).started.size(), 1u);
  // Another framework's task may have the same name all the time.
  start(aware, agent, "t");
}

TEST_F(Launches, ACustomExecutorStartsOnceAndHoldsResourcesUntilItEnds) {
  auto entry = accepts(plain, agent);
  entry = add_task(entry, task_of("t1", 1, "e", 0.5));
  entry = add_task(entry, task_of("t2", 1, "e", 0.5));
  auto out = accepted(entry);
  ASSERT_EQ(out.executors_started.size(), 1u);
  EXPECT_EQ(out.started[1].executor.text(), "e");
  EXPECT_EQ(used_milli(agent), 2500);
  auto key = executor_key{plain, executor_id{"e"}};
  EXPECT_EQ(state.find_executor(agent, key)->amount.cpus().milli(), 500);
  for (auto* name : {"t1", "t2"})
    accepted(reported({plain, task_id{name}}, v1::TASK_FINISHED));
  EXPECT_EQ(used_milli(agent), 500);
  auto end = accepted(executor_ended(agent, key));
  ASSERT_EQ(end.released.size(), 1u);
  EXPECT_EQ(end.executors_ended.size(), 1u);
  EXPECT_EQ(used_milli(agent), 0);
  EXPECT_EQ(rejected(executor_ended(agent, key)), errc::not_found);
}

TEST_F(Launches, AnUnreachableAgentsExecutorsAreNotReleasedTwice) {
  accepted(add_task(accepts(plain, agent), task_of("t1", 1, "e", 0.5)));
  accepted(detached(agent));
  EXPECT_EQ(accepted(unreachable(agent)).released.size(), 1u);
  auto out
    = accepted(executor_ended(agent, executor_key{plain, executor_id{"e"}}));
  EXPECT_TRUE(out.released.empty());
}

TEST_F(Launches, AGroupStartsTogetherOrNotAtAll) {
  auto entry = accepts(plain, agent);
  entry = add_group(entry, {task_of("g1", 1), task_of("g2", 1)}, "pod", 0.5);
  entry = add_group(entry, {task_of("h1", 1), task_of("h2", 1)}, "pod2", 0.5);
  entry = add_group(entry, {task_of("g1", 0.1), task_of("i2", 0.1)}, "p", 0);
  auto out = accepted(entry);
  EXPECT_EQ(out.started.size(), 2u);
  ASSERT_EQ(out.refused.size(), 4u);
  EXPECT_TRUE(out.refused[0].in_group);
  EXPECT_EQ(code_of(out.refused[0].reason), errc::invalid_resources);
  EXPECT_EQ(code_of(out.refused[3].reason), errc::already_exists);
  auto* first = state.find_task({plain, task_id{"g1"}});
  auto* second = state.find_task({plain, task_id{"g2"}});
  ASSERT_TRUE(first->group);
  EXPECT_EQ(first->group, second->group);
  EXPECT_EQ(first->group->number, 1u);
  EXPECT_EQ(first->executor.text(), "pod");
  EXPECT_EQ(used_milli(agent), 2500);
}

TEST_F(Launches, AMalformedGroupIsRefused) {
  auto entry = accepts(plain, agent);
  auto& launch = *entry.mutable_tasks_accepted()->add_launches();
  *launch.add_tasks() = task_of("a", 1);
  *launch.add_tasks() = task_of("b", 1);
  entry.mutable_tasks_accepted()->add_launches();
  entry = add_group(entry, {task_of("c", 1)}, "bad/id", 0);
  entry = add_group(entry, {task_of("d", 1)}, "p", -1);
  entry = add_task(entry, task_of("e", 1, "bad/id", 1));
  auto out = accepted(entry);
  EXPECT_TRUE(out.started.empty());
  EXPECT_EQ(out.refused.size(), 5u);
}

TEST_F(Launches, LimitsAreKept) {
  cluster_fixture small{cluster_limits{.tasks = 2, .executors = 1}};
  small.accepted(founded());
  auto framework = small.add_framework();
  auto place = small.add_agent("a");
  auto entry = accepts(framework, place);
  entry = add_task(entry, task_of("t1", 1, "e1", 0.1));
  entry = add_task(entry, task_of("t2", 1, "e2", 0.1));
  entry = add_task(entry, task_of("t3", 1, "e1", 0.1));
  entry = add_task(entry, task_of("t4", 0.1));
  auto out = small.accepted(entry);
  EXPECT_EQ(out.started.size(), 2u);
  ASSERT_EQ(out.refused.size(), 2u);
  EXPECT_EQ(code_of(out.refused[0].reason), errc::limit_reached);
  EXPECT_EQ(code_of(out.refused[1].reason), errc::limit_reached);
}

TEST_F(Launches, AnAgentsLimitsCountEveryFramework) {
  cluster_fixture small{cluster_limits{.agent_tasks = 2, .executors = 1}};
  small.accepted(founded());
  auto first = small.add_framework();
  auto second = small.add_framework();
  auto place = small.add_agent("a");
  auto one = add_task(accepts(first, place), task_of("t", 1, "e", 0.1));
  EXPECT_EQ(small.accepted(one).started.size(), 1u);
  auto two = add_task(accepts(second, place), task_of("t", 1, "e", 0.1));
  two = add_task(std::move(two), task_of("t2", 1));
  two = add_task(std::move(two), task_of("t3", 1));
  auto out = small.accepted(two);
  EXPECT_EQ(out.started.size(), 1u);
  ASSERT_EQ(out.refused.size(), 2u);
  EXPECT_NE(text_of(out.refused[0].reason).find("1 executors"),
            std::string::npos);
  EXPECT_NE(text_of(out.refused[1].reason).find("2 tasks"), std::string::npos);
}

TEST_F(Launches, TheLeaderJudgesWithWhatIsPending) {
  cluster::AcceptedLaunch launch;
  *launch.add_tasks() = task_of("t", 2, "e", 0.5);
  auto alone = can_launch(state, plain, agent, launch);
  ASSERT_TRUE(alone);
  EXPECT_EQ(alone->sum.cpus().milli(), 2500);
  EXPECT_EQ(alone->executors.size(), 1u);
  pending_launches pending;
  pending.executors.insert(executor_id{"e"});
  pending.amount = resources::of_milli(2000);
  auto beside = can_launch(state, plain, agent, launch, pending);
  ASSERT_TRUE(beside);
  EXPECT_EQ(beside->sum.cpus().milli(), 2000);
  pending.amount = resources::of_milli(2001);
  EXPECT_EQ(code_of(can_launch(state, plain, agent, launch, pending).error()),
            errc::invalid_resources);
  pending = {};
  pending.tasks.insert(task_id{"t"});
  EXPECT_EQ(code_of(can_launch(state, plain, agent, launch, pending).error()),
            errc::already_exists);
  pending = {};
  std::set<task_id> proposed{task_id{"t"}};
  pending.proposed = &proposed;
  EXPECT_EQ(code_of(can_launch(state, plain, agent, launch, pending).error()),
            errc::already_exists);
  pending = {};
  pending.agent_tasks = state.limits().agent_tasks;
  EXPECT_EQ(code_of(can_launch(state, plain, agent, launch, pending).error()),
            errc::limit_reached);
}

TEST_F(Launches, AnOrphanIsAdoptedIfItFits) {
  auto key = task_key{plain, task_id{"orphan"}};
  EXPECT_EQ(rejected(adopted(agent, key, 5)), errc::invalid_resources);
  auto ended = adopted(agent, key, 1);
  ended.mutable_task_adopted()->mutable_status()->set_state(v1::TASK_FAILED);
  EXPECT_EQ(rejected(ended), errc::invalid_argument);
  ended.mutable_task_adopted()->mutable_status()->set_state(
    v1::TASK_UNREACHABLE);
  EXPECT_EQ(rejected(ended), errc::invalid_argument);
  auto out = accepted(adopted(agent, key, 1));
  EXPECT_EQ(out.started.size(), 1u);
  EXPECT_EQ(out.acquired.size(), 1u);
  EXPECT_EQ(out.transitions.size(), 1u);
  EXPECT_EQ(state.find_task(key)->state, v1::TASK_RUNNING);
  EXPECT_TRUE(state.find_task(key)->confirmed);
  EXPECT_EQ(rejected(adopted(agent, key, 1)), errc::already_exists);
  EXPECT_EQ(rejected(adopted(agent, {framework_id{"x"}, key.task}, 1)),
            errc::not_found);
}

TEST_F(Launches, WhatHasEndedIsNotAdopted) {
  run_to_end(plain, agent, "t");
  EXPECT_EQ(rejected(adopted(agent, {plain, task_id{"t"}}, 1)), errc::conflict);
}

} // namespace
} // namespace agora
