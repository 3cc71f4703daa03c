// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/storage/cluster/cluster_fixture.hpp"

namespace agora {
namespace {

class Loading : public cluster_test {
public:
  Loading() {
    accepted(add_group(accepts(aware, agent),
                       {task_of("g1", 0.1), task_of("g2", 0.1)}, "pod", 0.1));
    accepted(
      add_task(accepts(plain, agent), task_of("t1", 0.5, "executor", 0.1)));
    accepted(reported({plain, task_id{"t1"}}, v1::TASK_RUNNING, "r"));
    auto unacknowledged = start(plain, agent, "t2");
    accepted(reported(unacknowledged, v1::TASK_FAILED, "u"));
    run_to_end(plain, agent, "t3");
    auto away = add_agent("uid-b");
    start(aware, away, "t4");
    accepted(detached(away));
    accepted(unreachable(away));
    accepted(gone(add_agent("uid-c")));
    accepted(ended(add_framework()));
    auto patient = kill({plain, task_id{"t1"}});
    patient.mutable_kill_requested()->mutable_kill_policy();
    accepted(patient);
  }

  /// The code and text that a start with this record fails with.
  std::pair<errc, std::string> load_with(const std::string& key,
                                         const std::string& value) {
    auto damaged = stored;
    damaged[key] = value;
    auto loaded = load(damaged);
    EXPECT_FALSE(loaded.engaged());
    return {code_of(loaded.error()), text_of(loaded.error())};
  }
};

TEST_F(Loading, ReturnsTheSameState) {
  auto loaded = load(stored);
  ASSERT_TRUE(loaded) << describe(loaded.error());
  EXPECT_EQ(loaded->digest(), state.digest());
  EXPECT_EQ(records(*loaded), stored);
  EXPECT_EQ(loaded->check_invariants(), std::vector<std::string>{});
  auto* task = loaded->find_task({aware, task_id{"g1"}});
  ASSERT_TRUE(task->group);
  EXPECT_EQ(task->group, loaded->find_task({aware, task_id{"g2"}})->group);
}

TEST_F(Loading, GoesOnLikeTheOriginal) {
  auto loaded = load(stored);
  ASSERT_TRUE(loaded);
  state = std::move(*loaded);
  EXPECT_EQ(add_agent("uid-d").text(), "c0ffee00-S3");
  EXPECT_EQ(add_framework().text(), "c0ffee00-0003");
  accepted(ended(aware));
  accepted(gone(agent));
}

TEST_F(Loading, ReplayGivesTheSameDigest) {
  cluster_state replayed;
  for (size_t i = 0; i < payloads.size(); ++i) {
    write_batch changes;
    ASSERT_TRUE(replayed.apply({i + 1, 1, payloads[i]}, changes));
  }
  EXPECT_EQ(replayed.digest(), state.digest());
}

TEST_F(Loading, NoRecordsIsTheStateBeforeTheFirstEntry) {
  auto loaded = load({});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->digest(), cluster_state{}.digest());
  EXPECT_TRUE(loaded->cluster_id().empty());
}

TEST_F(Loading, ADamagedRecordIsNamed) {
  for (auto& [key, value] : stored) {
    auto [code, text] = load_with(key, "\xff\xff");
    EXPECT_EQ(code, errc::store_corrupt);
    EXPECT_NE(text.find(key), std::string::npos) << text;
  }
}

TEST_F(Loading, AContradictionIsNamed) {
  auto agent_key = "agent/" + agent.text();
  auto task = "task/" + plain.text() + "/t1";
  EXPECT_EQ(load_with("nonsense", "").first, errc::store_corrupt);
  EXPECT_EQ(load_with(task + "x", stored[task]).first, errc::store_corrupt);
  EXPECT_EQ(load_with("agent/other", stored[agent_key]).first,
            errc::store_corrupt);
  cluster::AgentRecord small;
  ASSERT_TRUE(small.ParseFromString(stored[agent_key]));
  set_resources(small.mutable_info()->mutable_resources(), 0.1);
  auto [code, text] = load_with(agent_key, small.SerializeAsString());
  EXPECT_EQ(code, errc::store_corrupt);
  EXPECT_NE(text.find(agent_key), std::string::npos) << text;
}

TEST_F(Loading, AMissingRecordIsNamed) {
  for (auto key : {"agent/" + agent.text(), "framework/" + plain.text(),
                   std::string{"cluster"}, "task/" + plain.text() + "/t1",
                   "group/" + aware.text() + "/0000000000000001"}) {
    auto damaged = stored;
    ASSERT_EQ(damaged.erase(key), 1u);
    auto loaded = load(damaged);
    ASSERT_FALSE(loaded.engaged());
    EXPECT_EQ(code_of(loaded.error()), errc::store_corrupt);
  }
}

TEST_F(Loading, RecordsOfANewerProgramAreRefused) {
  cluster::ClusterRecord newer;
  ASSERT_TRUE(newer.ParseFromString(stored["cluster"]));
  newer.set_version(cluster_version + 1);
  EXPECT_EQ(load_with("cluster", newer.SerializeAsString()).first,
            errc::version_mismatch);
}

TEST_F(Loading, WhatAnOlderProgramWroteIsRefused) {
  cluster::ClusterRecord older;
  ASSERT_TRUE(older.ParseFromString(stored["cluster"]));
  older.set_version(oldest_cluster_version - 1);
  auto [code, text] = load_with("cluster", older.SerializeAsString());
  EXPECT_EQ(code, errc::version_mismatch);
  EXPECT_NE(text.find("empty data directory"), std::string::npos) << text;
}

TEST_F(Loading, AnErrorOfTheSourceIsHandedOn) {
  auto loaded = cluster_state::load([](auto&) {
    return fail(errc::io_failed, "/data");
  });
  ASSERT_FALSE(loaded.engaged());
  EXPECT_EQ(code_of(loaded.error()), errc::io_failed);
}

// What a program cannot follow stops its node, before anything changes.
TEST_F(Loading, UnknownEntriesStopTheNode) {
  cluster::Entry newer = detached(agent);
  newer.set_version(cluster_version + 1);
  cluster::Entry older = detached(agent);
  older.set_version(oldest_cluster_version - 1);
  auto unknown_type = std::string{"\x08\x02\xfa\x3e\x00", 5};
  auto before = state.digest();
  for (auto& [payload, code] :
       {std::pair{newer.SerializeAsString(), errc::version_mismatch},
        std::pair{older.SerializeAsString(), errc::version_mismatch},
        std::pair{unknown_type, errc::version_mismatch},
        std::pair{std::string{}, errc::version_mismatch},
        std::pair{std::string{"\xff\xff"}, errc::malformed_message}}) {
    write_batch changes;
    auto out = state.apply({77, 1, payload}, changes);
    ASSERT_FALSE(out.engaged());
    EXPECT_EQ(code_of(out.error()), code);
    EXPECT_NE(text_of(out.error()).find("entry 77"), std::string::npos);
    EXPECT_TRUE(changes.empty());
  }
  EXPECT_EQ(state.digest(), before);
}

TEST_F(Loading, AnEntryWithoutVersionIsRejected) {
  write_batch changes;
  auto out = state.apply({1, 1, detached(agent).SerializeAsString()}, changes);
  ASSERT_TRUE(out.engaged());
  EXPECT_EQ(code_of(out->rejected), errc::invalid_argument);
}

} // namespace
} // namespace agora
