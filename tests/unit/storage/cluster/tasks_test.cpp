// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/cluster/cluster_rules.hpp"
#include "tests/unit/storage/cluster/cluster_fixture.hpp"

namespace agora {
namespace {

using Tasks = cluster_test;

constexpr v1::TaskState live_states[]
  = {v1::TASK_STAGING, v1::TASK_STARTING, v1::TASK_RUNNING, v1::TASK_KILLING};

constexpr v1::TaskState terminal_states[]
  = {v1::TASK_FINISHED, v1::TASK_FAILED,
     v1::TASK_KILLED,   v1::TASK_ERROR,
     v1::TASK_LOST,     v1::TASK_DROPPED,
     v1::TASK_GONE,     v1::TASK_GONE_BY_OPERATOR};

TEST_F(Tasks, StatesOnlyGoForward) {
  for (auto from = 0u; from < 4; ++from)
    for (auto to = 0u; to < 4; ++to)
      EXPECT_EQ(may_follow(live_states[from], live_states[to]), to >= from);
}

TEST_F(Tasks, EveryStateMayEndAndNothingFollowsAnEnd) {
  for (auto end : terminal_states) {
    EXPECT_TRUE(is_terminal(end));
    EXPECT_TRUE(may_follow(v1::TASK_UNREACHABLE, end));
    for (auto live : live_states) {
      EXPECT_TRUE(may_follow(live, end));
      EXPECT_FALSE(may_follow(end, live));
    }
    for (auto other : terminal_states)
      EXPECT_FALSE(may_follow(end, other));
  }
}

TEST_F(Tasks, UnreachableIsLeftByAnythingAndEnteredByNoReport) {
  for (auto live : live_states) {
    EXPECT_TRUE(may_follow(v1::TASK_UNREACHABLE, live));
    EXPECT_FALSE(may_follow(live, v1::TASK_UNREACHABLE));
    EXPECT_FALSE(may_follow(live, v1::TASK_UNKNOWN));
  }
}

TEST_F(Tasks, LiveTheirLife) {
  auto key = start(plain, agent, "t");
  for (auto next : {v1::TASK_STARTING, v1::TASK_RUNNING, v1::TASK_RUNNING,
                    v1::TASK_KILLING}) {
    auto out = accepted(
      reported(key, next, v1::TaskState_Name(next) + std::to_string(now_ns)));
    ASSERT_EQ(out.transitions.size(), 1u);
    EXPECT_EQ(out.transitions[0].to, next);
    EXPECT_TRUE(out.released.empty());
    EXPECT_TRUE(state.find_task(key)->confirmed);
    EXPECT_EQ(state.counts().of(next), 1u);
  }
  auto out = accepted(reported(key, v1::TASK_KILLED, "end"));
  auto& end = out.transitions[0];
  EXPECT_TRUE(end.became_terminal);
  EXPECT_TRUE(end.awaits_acknowledgement);
  EXPECT_EQ(end.status.task_id().value(), "t");
  EXPECT_EQ(end.status.agent_id().value(), agent.text());
  EXPECT_TRUE(end.status.has_timestamp());
  ASSERT_EQ(out.released.size(), 1u);
  EXPECT_EQ(out.released[0].amount.cpus().milli(), 1000);
  EXPECT_EQ(used_milli(agent), 0);
}

TEST_F(Tasks, TheLogIsTheOutboxUntilTheAcknowledgement) {
  auto key = start(plain, agent, "t");
  EXPECT_EQ(rejected(acknowledged(key, "u")), errc::conflict);
  accepted(reported(key, v1::TASK_RUNNING, "r"));
  EXPECT_EQ(rejected(acknowledged(key, "r")), errc::conflict);
  accepted(reported(key, v1::TASK_FAILED, "u"));
  auto* task = state.find_task(key);
  ASSERT_NE(task, nullptr);
  EXPECT_TRUE(task->terminal());
  EXPECT_EQ(task->latest_status().uuid(), "u");
  EXPECT_EQ(rejected(acknowledged(key, "r")), errc::conflict);
  auto out = accepted(acknowledged(key, "u"));
  EXPECT_EQ(out.acknowledged->key, key);
  EXPECT_EQ(out.acknowledged->agent, agent);
  EXPECT_EQ(state.find_task(key), nullptr);
  auto* ended = state.find_ended_task(key);
  ASSERT_NE(ended, nullptr);
  EXPECT_EQ(status_of(*ended).state(), v1::TASK_FAILED);
  EXPECT_EQ(status_of(*ended).task_id().value(), "t");
  EXPECT_EQ(rejected(acknowledged(key, "u")), errc::conflict);
}

TEST_F(Tasks, TheFirstTerminalStateWins) {
  auto key = start(plain, agent, "t");
  accepted(reported(key, v1::TASK_FINISHED, "u"));
  for (auto late : terminal_states)
    EXPECT_EQ(rejected(reported(key, late, "v")), errc::conflict);
  EXPECT_EQ(rejected(reported(key, v1::TASK_RUNNING)), errc::conflict);
  EXPECT_EQ(rejected(given(key, v1::TASK_LOST)), errc::conflict);
  EXPECT_EQ(rejected(kill(key)), errc::conflict);
}

TEST_F(Tasks, AnEndWithoutUuidNeedsNoAcknowledgement) {
  auto key = start(plain, agent, "t");
  auto out = accepted(given(key, v1::TASK_LOST));
  EXPECT_FALSE(out.transitions[0].awaits_acknowledgement);
  EXPECT_EQ(state.find_task(key), nullptr);
  EXPECT_EQ(state.find_ended_task(key)->state(), v1::TASK_LOST);
  EXPECT_EQ(rejected(reported(key, v1::TASK_RUNNING)), errc::conflict);
}

TEST_F(Tasks, AReportIsRefusedForWhoSaysIt) {
  auto key = start(plain, agent, "t");
  auto other = add_agent("uid-b");
  accepted(attached(agent, 2));
  EXPECT_EQ(rejected(reported(key, v1::TASK_RUNNING, "", 1)),
            errc::stale_incarnation);
  auto foreign = reported(key, v1::TASK_RUNNING, "", 2);
  foreign.mutable_task_status()
    ->mutable_status()
    ->mutable_agent_id()
    ->set_value(other.text());
  EXPECT_EQ(rejected(foreign), errc::invalid_argument);
  EXPECT_EQ(rejected(reported({plain, task_id{"x"}}, v1::TASK_RUNNING)),
            errc::not_found);
  EXPECT_EQ(rejected(reported({framework_id{"x"}, key.task}, v1::TASK_RUNNING)),
            errc::not_found);
  // A report that was on its way when its session was lost still counts.
  accepted(detached(agent, 2));
  accepted(reported(key, v1::TASK_RUNNING, "", 2));
}

TEST_F(Tasks, AReportIsRefusedForWhatItSays) {
  auto key = start(plain, agent, "t");
  auto stateless = reported(key, v1::TASK_RUNNING);
  stateless.mutable_task_status()->mutable_status()->clear_state();
  EXPECT_EQ(rejected(stateless), errc::invalid_argument);
  accepted(reported(key, v1::TASK_RUNNING, "u"));
  EXPECT_EQ(rejected(reported(key, v1::TASK_RUNNING, "u")),
            errc::already_exists);
  EXPECT_EQ(rejected(reported(key, v1::TASK_STARTING, "v")), errc::conflict);
  EXPECT_EQ(rejected(reported(key, v1::TASK_UNREACHABLE)), errc::conflict);
  EXPECT_EQ(rejected(reported(key, v1::TASK_UNKNOWN)), errc::conflict);
}

TEST_F(Tasks, AreConfirmedByTheirAgent) {
  auto first = start(plain, agent, "t1");
  auto second = start(plain, agent, "t2");
  auto other = add_agent("uid-b");
  EXPECT_TRUE(accepted(confirmed(other, {first})).confirmed.empty());
  auto out = accepted(confirmed(agent, {first, {plain, task_id{"x"}}}));
  EXPECT_EQ(out.confirmed, std::vector<task_key>{first});
  EXPECT_TRUE(state.find_task(first)->confirmed);
  EXPECT_FALSE(state.find_task(second)->confirmed);
  EXPECT_TRUE(accepted(confirmed(agent, {first})).confirmed.empty());
  EXPECT_EQ(rejected(confirmed(agent_id{"x"}, {first})), errc::not_found);
  EXPECT_EQ(rejected(confirmed(agent, {{framework_id{"x"}, first.task}})),
            errc::not_found);
}

TEST_F(Tasks, AKillIsRememberedAndMayBeRepeated) {
  auto key = start(plain, agent, "t");
  EXPECT_EQ(rejected(kill({plain, task_id{"x"}})), errc::not_found);
  auto patient = kill(key);
  patient.mutable_kill_requested()
    ->mutable_kill_policy()
    ->mutable_grace_period()
    ->set_nanoseconds(7);
  auto out = accepted(patient);
  EXPECT_EQ(out.kill->agent, agent);
  EXPECT_EQ(out.kill->policy->grace_period().nanoseconds(), 7);
  EXPECT_TRUE(state.find_task(key)->kill_requested);
  EXPECT_EQ(accepted(kill(key)).kill->policy->grace_period().nanoseconds(), 7);
}

TEST_F(Tasks, AreFoundThroughTheirIndexes) {
  auto other = add_agent("uid-b");
  start(plain, agent, "t1");
  start(plain, other, "t2");
  start(aware, agent, "t3");
  accepted(reported({aware, task_id{"t3"}}, v1::TASK_RUNNING));
  auto names = [&](const cluster_state::task_filter& which) {
    std::string all;
    state.for_each_task(which, [&](const task_record& task) {
      all += *task.id + " ";
      return true;
    });
    return all;
  };
  EXPECT_EQ(names({}), "t3 t1 t2 ");
  EXPECT_EQ(names({.framework = plain}), "t1 t2 ");
  EXPECT_EQ(names({.agent = agent}), "t3 t1 ");
  EXPECT_EQ(names({.framework = plain, .agent = agent}), "t1 ");
  EXPECT_EQ(names({.state = v1::TASK_RUNNING}), "t3 ");
  EXPECT_EQ(names({.framework = framework_id{"x"}}), "");
  EXPECT_EQ(names({.agent = agent_id{"x"}}), "");
  size_t visited = 0;
  state.for_each_task({}, [&](const task_record&) {
    return ++visited < 2;
  });
  EXPECT_EQ(visited, 2u);
}

} // namespace
} // namespace agora
