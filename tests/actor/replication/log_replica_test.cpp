// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/actor/replication/replica_fixture.hpp"

namespace agora::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class LogReplica : public replica_fixture {};

TEST_F(LogReplica, OneFoundsAndLeadsItself) {
  start(add_node(), 1, true);
  run_for(1s);
  ASSERT_NE(leader(), nullptr);
  ASSERT_TRUE(propose(*leader(), {"a", "b"}));
  run_for(100ms);
  EXPECT_TRUE(all_have("b"));
}

TEST_F(LogReplica, ThreeAreFoundedByOneAndCommitEverywhere) {
  start_three();
  ASSERT_NE(leader(), nullptr);
  ASSERT_TRUE(propose(*leader(), {"a", "b"}));
  run_for(500ms);
  EXPECT_TRUE(all_have("b"));
  for (auto& one : nodes) {
    EXPECT_EQ(one->owner->leadership->cluster_id, "c1u57e12");
    auto leads = one.get() == leader();
    EXPECT_EQ(one->owner->leadership->leader,
              leads ? "" : to_string(address_of(leader()->number)));
  }
}

TEST_F(LogReplica, NothingIsFoundedBeforeAllAreThere) {
  for (int i = 0; i < 3; ++i)
    add_node();
  start(*nodes[0], 3, true);
  start(*nodes[1]);
  run_for(5s);
  EXPECT_EQ(leader(), nullptr);
  start(*nodes[2]);
  run_for(5s);
  EXPECT_NE(leader(), nullptr);
}

TEST_F(LogReplica, WhoWaitsToBeTakenInFoundsNothing) {
  for (int i = 0; i < 3; ++i)
    start(add_node());
  run_for(20s);
  EXPECT_EQ(leader(), nullptr);
}

TEST_F(LogReplica, AnotherLeadsWhenTheLeaderDies) {
  start_three();
  ASSERT_TRUE(propose(*leader(), {"a"}));
  run_for(200ms);
  auto* old = leader();
  crash(*old);
  run_for(1s);
  ASSERT_NE(leader(), nullptr);
  EXPECT_NE(leader(), old);
  ASSERT_TRUE(propose(*leader(), {"b"}));
  start(*old);
  run_for(2s);
  EXPECT_TRUE(all_have("b"));
  EXPECT_EQ(old->owner->state.size(), 2u);
}

TEST_F(LogReplica, AnotherLeadsWhenTheLeaderIsCutOffAndTheOldOneStops) {
  start_three();
  auto* old = leader();
  for (auto& other : nodes)
    if (other.get() != old) {
      net.cut(old->machine, other->machine);
      net.cut(other->machine, old->machine);
    }
  run_for(4s);
  EXPECT_FALSE(old->owner->leadership->leads);
  ASSERT_NE(leader(), nullptr);
  ASSERT_TRUE(propose(*leader(), {"a"}));
  net.heal_all();
  run_for(10s);
  EXPECT_TRUE(all_have("a"));
}

TEST_F(LogReplica, ALeaderWithoutQuorumAnswersNoRead) {
  start_three();
  auto* old = leader();
  auto fine = ask<uint64_t>(old->owner->log, 5s, read_barrier{});
  EXPECT_TRUE(fine);
  for (auto& other : nodes)
    if (other.get() != old) {
      net.cut(old->machine, other->machine);
      net.cut(other->machine, old->machine);
    }
  auto refused = ask<uint64_t>(old->owner->log, 5s, read_barrier{});
  ASSERT_FALSE(refused);
  EXPECT_EQ(code_of(refused.error()), errc::not_leader);
}

TEST_F(LogReplica, ReadsSeeWhatWasCommittedBefore) {
  start_three();
  for (int i = 0; i < 20; ++i) {
    auto first = propose(*leader(), {"v" + std::to_string(i)});
    ASSERT_TRUE(first);
    run_for(50ms);
    auto index = ask<uint64_t>(leader()->owner->log, 5s, read_barrier{});
    ASSERT_TRUE(index);
    EXPECT_GE(*index, *first);
    EXPECT_GE(leader()->owner->applied, *index);
  }
}

TEST_F(LogReplica, AMemberThatWasAwayForLongIsSentTheState) {
  settings.retained_entries = 50;
  settings.trim_step = 10;
  start_three();
  auto* away = leader() == nodes[0].get() ? nodes[1].get() : nodes[0].get();
  ASSERT_TRUE(propose(*leader(), {"first"}));
  run_for(200ms);
  crash(*away);
  for (int i = 0; i < 40; ++i)
    ASSERT_TRUE(propose(*leader(),
                        std::vector<std::string>(10, "x" + std::to_string(i))));
  start(*away);
  run_for(5s);
  EXPECT_GE(away->owner->installed, 1u);
  EXPECT_EQ(away->owner->state.size(), 401u);
  ASSERT_TRUE(propose(*leader(), {"last"}));
  run_for(500ms);
  EXPECT_TRUE(all_have("last"));
}

TEST_F(LogReplica, ASnapshotInManyPartsArrivesWhileWorkGoesOn) {
  settings.retained_entries = 10;
  settings.trim_step = 5;
  start_three();
  auto* away = leader() == nodes[0].get() ? nodes[1].get() : nodes[0].get();
  crash(*away);
  const std::string large(100'000, 'x');
  for (int i = 0; i < 60; ++i)
    ASSERT_TRUE(propose(*leader(), {large + std::to_string(i)}));
  start(*away);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(propose(*leader(), {"y" + std::to_string(i)}));
    run_for(20ms);
  }
  run_for(5s);
  EXPECT_GE(away->owner->installed, 1u);
  EXPECT_TRUE(all_have("y19"));
}

TEST_F(LogReplica, TheStateOutlivesARestartOfAll) {
  start_three();
  ASSERT_TRUE(propose(*leader(), {"a", "b", "c"}));
  run_for(500ms);
  for (auto& one : nodes)
    crash(*one);
  for (auto& one : nodes)
    start(*one);
  run_for(5s);
  ASSERT_NE(leader(), nullptr);
  // Who applied nothing in this life yet has what it had stored.
  ASSERT_TRUE(propose(*leader(), {"d"}));
  run_for(500ms);
  for (auto& one : nodes)
    EXPECT_EQ(one->owner->state.rbegin()->second, "d");
}

} // namespace
} // namespace agora::test
