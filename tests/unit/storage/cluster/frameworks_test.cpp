// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/storage/cluster/cluster_fixture.hpp"

namespace agora {
namespace {

using Frameworks = cluster_test;

TEST_F(Frameworks, IdsAreCountedAndEverySubscriptionRaisesTheIncarnation) {
  EXPECT_EQ(aware.text(), "c0ffee00-0000");
  EXPECT_EQ(plain.text(), "c0ffee00-0001");
  auto out = accepted(subscribed(plain));
  EXPECT_EQ(out.subscribed->incarnation, 2u);
  EXPECT_FALSE(out.subscribed->created);
  EXPECT_FALSE(out.subscribed->updated);
  EXPECT_TRUE(state.find_framework(plain)->connected());
  EXPECT_EQ(state.find_framework(plain)->info.id().value(), plain.text());
}

TEST_F(Frameworks, UserAndPrincipalCannotChangeOthersMay) {
  auto entry = subscribed(plain);
  auto& info = *entry.mutable_framework_subscribed()->mutable_info();
  info.set_user("bob");
  EXPECT_EQ(rejected(entry), errc::invalid_argument);
  info.set_user("ann");
  info.set_principal("q");
  EXPECT_EQ(rejected(entry), errc::invalid_argument);
  info.set_principal("p");
  info.set_failover_timeout(60);
  info.add_roles("ops");
  info.set_checkpoint(true);
  info.add_capabilities()->set_type(
    v1::FrameworkInfo::Capability::PARTITION_AWARE);
  EXPECT_TRUE(accepted(entry).subscribed->updated);
  auto* known = state.find_framework(plain);
  EXPECT_EQ(known->info.failover_timeout(), 60);
  EXPECT_EQ(known->info.roles_size(), 2);
  EXPECT_TRUE(known->partition_aware);
  // As in the field: kept from the first subscription.
  EXPECT_FALSE(known->info.checkpoint());
}

TEST_F(Frameworks, UpdateNeedsAFrameworkAndKeepsItsIncarnation) {
  auto entry = updated(plain);
  auto& info = *entry.mutable_framework_updated()->mutable_info();
  info.set_hostname("h");
  auto out = accepted(entry);
  EXPECT_TRUE(out.subscribed->updated);
  EXPECT_EQ(out.subscribed->incarnation, 1u);
  info.set_checkpoint(true);
  EXPECT_EQ(rejected(entry), errc::invalid_argument);
  EXPECT_EQ(rejected(updated(framework_id{"c0ffee00-0099"})), errc::not_found);
}

TEST_F(Frameworks, AnUnknownIdIsRefused) {
  EXPECT_EQ(rejected(subscribed(framework_id{"other-0001"})), errc::not_found);
}

TEST_F(Frameworks, DisconnectsOnlyUnderItsIncarnation) {
  EXPECT_EQ(rejected(disconnected(plain, 2)), errc::stale_incarnation);
  EXPECT_EQ(accepted(disconnected(plain, 1)).disconnected, plain);
  EXPECT_EQ(rejected(disconnected(plain, 1)), errc::conflict);
  EXPECT_EQ(state.find_framework(plain)->state_since_ns, now_ns - 1'000'000);
  accepted(subscribed(plain));
  EXPECT_EQ(rejected(disconnected(plain, 1)), errc::stale_incarnation);
}

TEST_F(Frameworks, AFailoverTimeoutEndsOnlyWhoDidNotComeBack) {
  accepted(disconnected(plain, 1));
  auto entry = ended(plain);
  entry.mutable_framework_ended()->set_disconnected_incarnation(1);
  accepted(subscribed(plain));
  EXPECT_EQ(rejected(entry), errc::stale_incarnation);
  entry.mutable_framework_ended()->set_disconnected_incarnation(2);
  EXPECT_EQ(rejected(entry), errc::conflict);
  accepted(disconnected(plain, 2));
  accepted(entry);
}

TEST_F(Frameworks, TheEndKillsItsTasksAndFreesEverything) {
  auto other = add_agent("uid-b");
  auto running = start(plain, agent, "t1");
  auto acknowledged_by_end = start(plain, agent, "t2");
  accepted(reported(acknowledged_by_end, v1::TASK_FINISHED, "u"));
  accepted(add_task(accepts(plain, other), task_of("t3", 0.5, "e", 0.5)));
  auto neighbour = start(aware, agent, "t1");
  auto out = accepted(ended(plain));
  ASSERT_EQ(out.transitions.size(), 2u);
  EXPECT_EQ(out.transitions[0].key, running);
  EXPECT_EQ(out.transitions[0].to, v1::TASK_KILLED);
  EXPECT_EQ(out.transitions[0].status.reason(),
            v1::TaskStatus::REASON_FRAMEWORK_REMOVED);
  EXPECT_FALSE(out.transitions[0].awaits_acknowledgement);
  EXPECT_EQ(out.executors_ended.size(), 1u);
  EXPECT_EQ(out.released.size(), 2u);
  EXPECT_EQ(out.ended->agents, (std::vector<agent_id>{agent, other}));
  EXPECT_EQ(used_milli(agent), 1000);
  EXPECT_EQ(used_milli(other), 0);
  EXPECT_EQ(state.find_task(running), nullptr);
  EXPECT_EQ(state.find_ended_task(acknowledged_by_end)->state(),
            v1::TASK_FINISHED);
  EXPECT_NE(state.find_task(neighbour), nullptr);
  EXPECT_EQ(state.framework_count(), 1u);
  EXPECT_EQ(state.find_framework(plain)->end_reason, "torn down");
}

TEST_F(Frameworks, AnEndedIdIsNeverUsedAgain) {
  accepted(ended(plain));
  auto out = apply(subscribed(plain));
  EXPECT_EQ(code_of(out.rejected), errc::conflict);
  EXPECT_EQ(text_of(out.rejected), "framework c0ffee00-0001 has ended");
  EXPECT_EQ(rejected(ended(plain)), errc::conflict);
  EXPECT_EQ(rejected(updated(plain)), errc::conflict);
  EXPECT_EQ(rejected(disconnected(plain, 1)), errc::conflict);
  EXPECT_EQ(rejected(accepts(plain, agent)), errc::conflict);
  EXPECT_EQ(rejected(adopted(agent, {plain, task_id{"t"}}, 1)), errc::conflict);
}

TEST_F(Frameworks, AreLimited) {
  cluster_fixture small{cluster_limits{.frameworks = 1}};
  small.accepted(founded());
  auto first = small.add_framework();
  EXPECT_EQ(small.rejected(subscribed()), errc::limit_reached);
  small.accepted(subscribed(first));
  small.accepted(ended(first));
  small.accepted(subscribed());
}

} // namespace
} // namespace agora
