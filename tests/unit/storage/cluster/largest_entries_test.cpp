// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// What one entry changes has to fit into one batch of the store, or the node
// ends. Here are the entries that change most, at the limits of the state.
#include "storage/store/store_limits.hpp"
#include "tests/unit/storage/cluster/cluster_fixture.hpp"

namespace agora {
namespace {

constexpr size_t info_bytes = 4'096;

/// An agent that is full: of tasks with the longest names, in groups and with
/// executors, whose descriptions together are larger than any batch.
class LargestEntries : public testing::Test {
public:
  using make = cluster_fixture;

  LargestEntries() {
    apply(make::founded());
    auto host = make::admitted("uid", 1, 1e6, 1e6);
    host.mutable_agent_admitted()->mutable_info()->set_hostname(
      std::string(2'000, 'h'));
    agent = apply(host).attached->agent;
  }

  applied_entry apply(cluster::Entry entry) {
    entry.set_version(cluster_version);
    entry.set_proposed_ns(++now_ns);
    write_batch changes;
    auto out = state.apply({++index, 1, entry.SerializeAsString()}, changes);
    EXPECT_TRUE(out.engaged());
    EXPECT_FALSE(out->rejected) << describe(out->rejected);
    written = changes.bytes();
    return std::move(*out);
  }

  static std::string long_id(char first, size_t number) {
    auto digits = std::to_string(number);
    return std::string(1, first)
           + std::string(object_id_bytes - 1 - digits.size(), '0') + digits;
  }

  /// Task `number`, of the longest id; each tenth starts an executor.
  static cluster::AcceptedTask task(size_t number, size_t bytes) {
    auto made = make::task_of(long_id('t', number), 0.01,
                              long_id('e', number / 10), 0.01);
    made.set_task_info(std::string(bytes, 'i'));
    return made;
  }

  /// Launches tasks until the agent takes no more.
  void fill(const framework_id& framework, size_t bytes = info_bytes) {
    for (size_t next = 0; next < limits.agent_tasks;) {
      auto entry = make::accepts(framework, agent);
      for (auto end = next + 500; next < end; ++next)
        entry = make::add_task(std::move(entry), task(next, bytes));
      ASSERT_TRUE(apply(std::move(entry)).refused.empty());
    }
    auto more = make::add_task(make::accepts(framework, agent),
                               make::task_of("more", 0.01));
    auto refused = apply(more).refused;
    ASSERT_EQ(refused.size(), 1u);
    ASSERT_EQ(code_of(refused[0].reason), errc::limit_reached);
  }

  /// The agent reports something large of every task that has not ended.
  void report_all(const framework_id& framework, v1::TaskState what) {
    for (size_t i = 0; i < limits.agent_tasks; ++i) {
      auto entry
        = make::reported({framework, task_id{long_id('t', i)}}, what, "uuid");
      entry.mutable_task_status()->mutable_status()->set_data(
        std::string(info_bytes, 'd'));
      apply(std::move(entry));
    }
  }

  framework_id subscribe(bool partition_aware) {
    return apply(make::subscribed({}, partition_aware)).subscribed->framework;
  }

  void fits(const char* what) const {
    RecordProperty(what, std::to_string(written));
    EXPECT_LE(written, entry_changes_bytes) << what;
  }

  const cluster_limits limits;
  cluster_state state;
  agent_id agent;
  uint64_t index = 0;
  int64_t now_ns = 1'000'000'000;
  size_t written = 0;
};

TEST_F(LargestEntries, TheStoreTakesWhatAnEntryMayChange) {
  // A log adds its own keys, and the master what came before.
  EXPECT_LE(entry_changes_bytes + (size_t{6} << 20),
            store_limits{}.batch_bytes);
}

TEST_F(LargestEntries, AFullAgentBecomesUnreachableAndIsGone) {
  auto aware = subscribe(true);
  fill(aware);
  report_all(aware, v1::TASK_RUNNING);
  apply(make::detached(agent));
  auto out = apply(make::unreachable(agent));
  EXPECT_EQ(out.transitions.size(), limits.agent_tasks);
  fits("unreachable");
  // No description was written: they alone are larger.
  EXPECT_LT(written, limits.agent_tasks * info_bytes / 2);
  out = apply(make::gone(agent));
  EXPECT_EQ(out.transitions.size(), limits.agent_tasks);
  EXPECT_EQ(out.executors_ended.size(), limits.executors);
  EXPECT_EQ(state.ended_task_count(), limits.ended_tasks);
  fits("gone");
}

TEST_F(LargestEntries, AFullAgentLosesTheTasksOfAnOldFramework) {
  auto plain = subscribe(false);
  fill(plain);
  apply(make::detached(agent));
  auto out = apply(make::unreachable(agent));
  EXPECT_EQ(out.transitions.size(), limits.agent_tasks);
  EXPECT_EQ(out.evicted_tasks.size(), limits.agent_tasks - limits.ended_tasks);
  fits("lost");
}

TEST_F(LargestEntries, AFrameworkEndsWithEverythingItHas) {
  auto plain = subscribe(false);
  fill(plain);
  report_all(plain, v1::TASK_FINISHED);
  auto entry = make::ended(plain);
  entry.mutable_framework_ended()->set_reason(std::string(1'000'000, 'r'));
  apply(std::move(entry));
  EXPECT_EQ(state.ended_task_count(), limits.ended_tasks);
  fits("framework ended");
}

TEST_F(LargestEntries, AFullAgentConfirms) {
  auto plain = subscribe(false);
  fill(plain);
  std::vector<task_key> all;
  for (size_t i = 0; i < limits.agent_tasks; ++i)
    all.push_back({plain, task_id{long_id('t', i)}});
  EXPECT_EQ(apply(make::confirmed(agent, all)).confirmed.size(),
            limits.agent_tasks);
  fits("confirmed");
}

TEST_F(LargestEntries, AFullAgentIsLaunchedAtOnce) {
  auto entry = make::accepts(subscribe(false), agent);
  auto& what = *entry.mutable_tasks_accepted();
  what.set_role(std::string(role_bytes, 'r'));
  for (size_t i = 0; i < limits.agent_tasks; ++i)
    *what.add_launches()->add_tasks() = task(i, 100);
  EXPECT_EQ(apply(entry).started.size(), limits.agent_tasks);
  fits("accepted");
}

// What the tasks of a group share is written once.
TEST_F(LargestEntries, AGroupWithALargeExecutor) {
  std::vector<cluster::AcceptedTask> tasks;
  for (size_t i = 0; i < 100; ++i)
    tasks.push_back(make::task_of(long_id('t', i), 0.01));
  auto plain = subscribe(false);
  auto entry = make::add_group(make::accepts(plain, agent), tasks, "pod", 0.01);
  entry.mutable_tasks_accepted()
    ->mutable_launches(0)
    ->mutable_group_executor()
    ->set_data(std::string(2'000'000, 'x'));
  EXPECT_EQ(apply(entry).started.size(), tasks.size());
  fits("group");
  apply(make::gone(agent));
  fits("group gone");
}

} // namespace
} // namespace agora
