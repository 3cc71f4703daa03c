// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/master_machine.hpp"

#include <gtest/gtest.h>

namespace agora {

namespace {

/// What the first entry of a log of that version leaves behind.
cluster_state founded_at(uint32_t version) {
  cluster_state state;
  cluster::Entry founded;
  founded.set_version(version);
  founded.mutable_cluster_founded()->set_cluster_id("c1u57e12");
  write_batch changes;
  auto applied = state.apply({1, 1, founded.SerializeAsString()}, changes);
  EXPECT_TRUE(applied.engaged());
  return state;
}

class leader {
public:
  explicit leader(cluster_state state)
    : machine_({}, std::move(state), epoch{1, 2}, {}, {}) {
    machine_.begin("c1u57e12");
  }

  /// What it proposes now, and then applies.
  std::vector<cluster::Entry> proposed() {
    std::vector<cluster::Entry> entries;
    for (auto& payload : machine_.stamp(machine_.take_outbox().proposals)) {
      EXPECT_TRUE(entries.emplace_back().ParseFromString(payload));
      payloads_.push_back(std::move(payload));
    }
    return entries;
  }

  void apply() {
    for (auto& payload : std::exchange(payloads_, {})) {
      write_batch changes;
      EXPECT_FALSE(machine_.apply({++index_, 2, payload}, changes));
    }
  }

  cluster::Entry next() {
    cluster::Entry lost;
    machine_.session_opened(1);
    session::AgentToMaster body;
    auto& attach = *body.add_messages()->mutable_attach();
    attach.set_uid("uid");
    attach.mutable_info()->set_hostname("host");
    machine_.from_agent(1, body);
    auto entries = proposed();
    EXPECT_EQ(entries.size(), 1u);
    return entries.at(0);
  }

  uint32_t version() const {
    return machine_.state().version();
  }

private:
  master_machine machine_;
  uint64_t index_ = 1;
  std::vector<std::string> payloads_;
};

TEST(cluster_version,
     of_an_older_log_is_raised_before_anything_new_is_written) {
  leader master{founded_at(oldest_cluster_version)};
  auto entries = master.proposed();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_TRUE(entries[0].has_term_started());
  EXPECT_EQ(entries[0].version(), oldest_cluster_version);
  EXPECT_EQ(entries[1].cluster_version_raised().version(), cluster_version);
  EXPECT_EQ(entries[1].version(), cluster_version);
  // Until it is applied, an older member must be able to follow.
  EXPECT_EQ(master.next().version(), oldest_cluster_version);
  master.apply();
  EXPECT_EQ(master.version(), cluster_version);
  EXPECT_EQ(master.next().version(), cluster_version);
}

TEST(cluster_version, of_a_log_of_this_program_stays) {
  leader master{founded_at(cluster_version)};
  auto entries = master.proposed();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_TRUE(entries[0].has_term_started());
  EXPECT_EQ(entries[0].version(), cluster_version);
}

} // namespace

} // namespace agora
