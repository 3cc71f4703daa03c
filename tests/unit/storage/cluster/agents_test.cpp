// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/cluster/cluster_rules.hpp"
#include "tests/unit/storage/cluster/cluster_fixture.hpp"

namespace agora {
namespace {

using Agents = cluster_test;

TEST_F(Agents, NothingIsAcceptedBeforeTheClusterIsFounded) {
  cluster_fixture fresh;
  EXPECT_EQ(fresh.rejected(admitted("u")), errc::conflict);
  EXPECT_EQ(fresh.rejected(founded("")), errc::invalid_argument);
  fresh.accepted(founded());
  EXPECT_EQ(fresh.state.cluster_id(), "c0ffee00-1234");
  EXPECT_EQ(fresh.rejected(founded()), errc::already_exists);
}

TEST_F(Agents, TermsOnlyRise) {
  cluster::Entry entry;
  entry.mutable_term_started()->mutable_epoch()->set_generation(1);
  entry.mutable_term_started()->mutable_epoch()->set_term(2);
  EXPECT_EQ(accepted(entry).started_epoch, (epoch{1, 2}));
  EXPECT_EQ(rejected(entry), errc::stale_epoch);
  entry.mutable_term_started()->mutable_epoch()->set_term(1);
  EXPECT_EQ(rejected(entry), errc::stale_epoch);
  entry.mutable_term_started()->mutable_epoch()->set_generation(2);
  accepted(entry);
  EXPECT_EQ(state.current_epoch(), (epoch{2, 1}));
}

TEST_F(Agents, IdsAreCountedAndAdmissionIsIdempotentByUid) {
  EXPECT_EQ(agent.text(), "c0ffee00-S0");
  EXPECT_EQ(add_agent("uid-b").text(), "c0ffee00-S1");
  auto again = accepted(admitted("uid-a", 2));
  ASSERT_TRUE(again.attached);
  EXPECT_EQ(again.attached->agent, agent);
  EXPECT_FALSE(again.attached->admitted);
  EXPECT_EQ(again.attached->incarnation, 2u);
  EXPECT_EQ(state.agent_count(), 2u);
  EXPECT_EQ(state.find_agent_by_uid("uid-b")->id.text(), "c0ffee00-S1");
}

TEST_F(Agents, OlderIncarnationsAreRefusedAndTheSameMayAttachAgain) {
  accepted(attached(agent, 3));
  EXPECT_EQ(rejected(attached(agent, 2)), errc::stale_incarnation);
  EXPECT_EQ(rejected(admitted("uid-a", 2)), errc::stale_incarnation);
  EXPECT_FALSE(accepted(attached(agent, 3)).attached->rebooted);
  EXPECT_EQ(rejected(attached(agent_id{"c0ffee00-S9"})), errc::not_found);
}

TEST_F(Agents, ABadAdmissionIsRefused) {
  EXPECT_EQ(rejected(admitted("")), errc::invalid_argument);
  EXPECT_EQ(rejected(admitted("uid-c", 1, -1)), errc::invalid_resources);
  cluster_fixture small{cluster_limits{.agents = 1}};
  small.accepted(founded());
  small.add_agent("uid-a");
  EXPECT_EQ(small.rejected(admitted("uid-b")), errc::limit_reached);
  small.accepted(admitted("uid-a", 2));
}

TEST_F(Agents, DetachesOnlyUnderItsOwnIncarnation) {
  EXPECT_EQ(rejected(detached(agent, 2)), errc::stale_incarnation);
  EXPECT_EQ(rejected(detached(agent_id{"x"})), errc::not_found);
  auto out = accepted(detached(agent));
  EXPECT_EQ(out.agent_changed->what, agent_change::kind::detached);
  EXPECT_EQ(state.agent_count(cluster::AGENT_DETACHED), 1u);
  EXPECT_EQ(rejected(detached(agent)), errc::conflict);
  accepted(attached(agent));
  EXPECT_EQ(state.agent_count(cluster::AGENT_ATTACHED), 1u);
}

TEST_F(Agents, OnlyADetachedAgentIsUnreachable) {
  EXPECT_EQ(rejected(unreachable(agent)), errc::conflict);
  EXPECT_EQ(rejected(unreachable(agent_id{"x"})), errc::not_found);
  accepted(detached(agent));
  accepted(unreachable(agent));
  EXPECT_EQ(rejected(unreachable(agent)), errc::conflict);
}

TEST_F(Agents, UnreachableLosesTasksByTheirFrameworksAwareness) {
  auto kept = start(aware, agent, "a1");
  auto lost = start(plain, agent, "p1");
  accepted(detached(agent));
  auto out = accepted(unreachable(agent));
  ASSERT_EQ(out.transitions.size(), 2u);
  auto& first = out.transitions[0];
  EXPECT_EQ(first.key, kept);
  EXPECT_EQ(first.to, v1::TASK_UNREACHABLE);
  EXPECT_FALSE(first.became_terminal);
  EXPECT_EQ(first.status.reason(), v1::TaskStatus::REASON_AGENT_REMOVED);
  EXPECT_EQ(first.status.source(), v1::TaskStatus::SOURCE_MASTER);
  EXPECT_EQ(first.status.unreachable_time().nanoseconds(), out.time_ns);
  auto& second = out.transitions[1];
  EXPECT_EQ(second.key, lost);
  EXPECT_EQ(second.to, v1::TASK_LOST);
  EXPECT_TRUE(second.became_terminal);
  EXPECT_FALSE(second.awaits_acknowledgement);
  EXPECT_EQ(out.released.size(), 2u);
  EXPECT_EQ(used_milli(agent), 0);
  EXPECT_EQ(state.find_task(lost), nullptr);
  EXPECT_EQ(state.find_ended_task(lost)->state(), v1::TASK_LOST);
}

TEST_F(Agents, AReturningAgentIsCountedAgainAndSaysWhatItsTasksAre) {
  auto key = start(aware, agent, "a1");
  auto silent = start(aware, agent, "a2");
  accepted(add_task(accepts(aware, agent), task_of("a3", 0.5, "e", 0.5)));
  accepted(detached(agent));
  accepted(unreachable(agent));
  // Nothing of it can be alive before it is back.
  EXPECT_EQ(rejected(reported(key, v1::TASK_RUNNING)), errc::conflict);
  auto out = accepted(attached(agent, 1));
  EXPECT_TRUE(out.attached->was_unreachable);
  ASSERT_EQ(out.acquired.size(), 1u);
  EXPECT_EQ(out.acquired[0].amount.cpus().milli(), 3000);
  EXPECT_EQ(used_milli(agent), 3000);
  accepted(reported(key, v1::TASK_STARTING));
  EXPECT_EQ(state.find_task(key)->state, v1::TASK_STARTING);
  auto ended = accepted(reported(silent, v1::TASK_FAILED, "u"));
  ASSERT_EQ(ended.released.size(), 1u);
  EXPECT_EQ(used_milli(agent), 2000);
}

TEST_F(Agents, AnUnreachableAgentsTaskMayEndByTheMaster) {
  auto key = start(aware, agent, "a1");
  accepted(detached(agent));
  accepted(unreachable(agent));
  EXPECT_EQ(rejected(given(key, v1::TASK_RUNNING)), errc::conflict);
  auto out = accepted(given(key, v1::TASK_GONE));
  EXPECT_TRUE(out.transitions[0].became_terminal);
  EXPECT_TRUE(out.released.empty());
}

TEST_F(Agents, ComesBackOnlyWithWhatItsTasksHold) {
  start(plain, agent, "t", 3);
  EXPECT_EQ(rejected(attached(agent, 2, 2)), errc::invalid_resources);
  EXPECT_EQ(rejected(attached(agent, 2, -1)), errc::invalid_resources);
  accepted(attached(agent, 2, 3));
  EXPECT_EQ(state.find_agent(agent)->total.cpus().milli(), 3000);
}

TEST_F(Agents, ANewBootIsNoticed) {
  auto entry = attached(agent, 2);
  entry.mutable_agent_attached()->set_boot_id("boot2");
  EXPECT_TRUE(accepted(entry).attached->rebooted);
}

TEST_F(Agents, GoneIsFinal) {
  auto from_aware = start(aware, agent, "a1");
  auto from_plain = start(plain, agent, "p1");
  auto unacknowledged = start(plain, agent, "p2");
  accepted(reported(unacknowledged, v1::TASK_FINISHED, "u"));
  accepted(add_task(accepts(plain, agent), task_of("p3", 0.5, "e", 0.5)));
  auto out = accepted(gone(agent));
  ASSERT_EQ(out.transitions.size(), 3u);
  EXPECT_EQ(out.transitions[0].to, v1::TASK_GONE_BY_OPERATOR);
  EXPECT_EQ(out.transitions[1].to, v1::TASK_LOST);
  EXPECT_EQ(out.transitions[1].status.reason(),
            v1::TaskStatus::REASON_AGENT_REMOVED_BY_OPERATOR);
  EXPECT_EQ(out.executors_ended.size(), 1u);
  EXPECT_EQ(used_milli(agent), 0);
  EXPECT_EQ(rejected(attached(agent, 2)), errc::agent_gone);
  EXPECT_EQ(rejected(admitted("uid-a", 2)), errc::agent_gone);
  EXPECT_EQ(rejected(gone(agent)), errc::conflict);
  EXPECT_EQ(rejected(gone(agent_id{"x"})), errc::not_found);
  EXPECT_EQ(rejected(reported(from_aware, v1::TASK_RUNNING)), errc::conflict);
  EXPECT_EQ(rejected(adopted(agent, from_plain, 1)), errc::conflict);
  // The outbox survives its agent.
  accepted(acknowledged(unacknowledged, "u"));
}

TEST_F(Agents, GoneAgentsAreForgottenByCountButNotWithAnOutbox) {
  cluster_fixture small{cluster_limits{.gone_agents = 1}};
  small.accepted(founded());
  auto framework = small.add_framework();
  auto first = small.add_agent("a");
  auto second = small.add_agent("b");
  auto third = small.add_agent("c");
  auto key = small.start(framework, first, "t");
  small.accepted(reported(key, v1::TASK_FINISHED, "u"));
  small.accepted(gone(first));
  EXPECT_EQ(small.accepted(gone(second)).evicted_agents,
            std::vector<agent_id>{second});
  small.accepted(acknowledged(key, "u"));
  EXPECT_EQ(small.accepted(gone(third)).evicted_agents,
            std::vector<agent_id>{first});
  EXPECT_EQ(small.rejected(attached(first)), errc::not_found);
}

TEST_F(Agents, TimeNeverGoesBack) {
  auto entry = detached(agent);
  entry.set_proposed_ns(5);
  auto out = accepted(entry);
  EXPECT_EQ(out.time_ns, now_ns);
  EXPECT_EQ(state.last_proposed_ns(), now_ns);
}

} // namespace
} // namespace agora
