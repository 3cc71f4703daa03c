// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/master_node.hpp"
#include "actors/master/stored_state.hpp"
#include "storage/log/replicated_log.hpp"
#include "storage/store/memory_store.hpp"
#include "tests/support/deterministic_actors.hpp"
#include "tests/unit/storage/cluster/cluster_fixture.hpp"

namespace agora {
namespace {

/// A master node on what an earlier one has left behind.
class MasterNodeTest : public test::deterministic_actors {
protected:
  using make = cluster_fixture;

  void SetUp() override {
    store_limits limits;
    limits.batch_bytes = 2 * bytes_per_applied;
    disk_
      = std::make_shared<memory_store>(memory_store::mode::immediate, limits);
    auto log = replicated_log::open(disk_, "cluster", {}, 1);
    EXPECT_TRUE(log.engaged());
    log_ = std::move(*log);
    auto self = log_->machine().self();
    EXPECT_FALSE(
      log_->found("c1u57e12", *configuration::make({{self, 1, "m1:7050"}})));
    log_->listen({});
    // Who the members are, and how the first term begins.
    constexpr uint64_t begins = 2;
    while (log_->machine().log().commit_index() < begins)
      ASSERT_TRUE(log_->carry_on().engaged());
    index_ = begins;
  }

  /// The entry is committed, and its node dies before it is applied.
  applied_entry commit(cluster::Entry entry) {
    entry.set_version(cluster_version);
    entry.set_proposed_ns(++now_ns_);
    auto payload = entry.SerializeAsString();
    write_batch changes;
    auto out
      = state_.apply({++index_, log_->machine().term(), payload}, changes);
    EXPECT_TRUE(out.engaged());
    EXPECT_FALSE(out->rejected) << describe(out->rejected);
    changed_ += changes.bytes();
    EXPECT_EQ(*log_->propose({std::move(payload)}), index_);
    EXPECT_TRUE(log_->carry_on().engaged());
    return std::move(*out);
  }

  std::shared_ptr<memory_store> disk_;
  std::unique_ptr<replicated_log> log_;
  cluster_state state_;
  size_t changed_ = 0;
  uint64_t index_ = 0;
  int64_t now_ns_ = 0;
};

// What entries change can be many times what they weigh.
TEST_F(MasterNodeTest, AppliesMoreThanOneBatchOfTheStoreHolds) {
  commit(make::founded());
  auto agent = commit(make::admitted("uid", 1, 1e6, 1e6)).attached->agent;
  auto framework = commit(make::subscribed({}, true)).subscribed->framework;
  auto launch = make::accepts(framework, agent);
  for (auto i = 0; i < 4'000; ++i)
    launch = make::add_task(std::move(launch),
                            make::task_of(std::to_string(i), 0.01));
  commit(launch);
  while (changed_ < 2 * disk_->limits().batch_bytes) {
    commit(make::detached(agent));
    commit(make::unreachable(agent));
    commit(make::attached(agent, 1, 1e6, 1e6));
    std::vector<task_key> keys;
    for (auto i = 0; i < 4'000; ++i)
      keys.push_back({framework, task_id{std::to_string(i)}});
    commit(make::confirmed(agent, keys));
  }
  log_.reset();
  disk_->crash();
  master_node_options options;
  options.clock = wall();
  options.on_failure = [](const status& why) {
    ADD_FAILURE() << describe(why);
  };
  auto node = spawn_master_node(system(), disk_, std::move(options));
  ASSERT_TRUE(node.engaged()) << describe(node.error());
  settle();
  // All of it is applied, and stored in batches that the store takes.
  auto stored = load_stored_state(log_storage{disk_, "cluster"}, {});
  ASSERT_TRUE(stored) << describe(stored.error());
  EXPECT_EQ(stored->counts().total(), state_.counts().total());
  EXPECT_EQ(stored->counts().total(), 4'000u);
  for (auto& actor : {caf::actor_cast<caf::actor>(node->gateway),
                      caf::actor_cast<caf::actor>(node->master),
                      caf::actor_cast<caf::actor>(node->log)})
    caf::anon_send_exit(actor, caf::exit_reason::kill);
}

} // namespace
} // namespace agora
