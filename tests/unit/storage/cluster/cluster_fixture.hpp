// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/cluster/cluster_state.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace agora {

/// A v1::Resource list of cpus and mem.
inline void set_resources(google::protobuf::RepeatedPtrField<v1::Resource>* to,
                          double cpus, double mem = 0) {
  to->Clear();
  for (auto [name, value] : {std::pair{"cpus", cpus}, std::pair{"mem", mem}}) {
    if (value == 0)
      continue;
    auto one = to->Add();
    one->set_name(name);
    one->set_type(v1::Value::SCALAR);
    one->mutable_scalar()->set_value(value);
  }
}

/// A state, what is stored of it, and short ways to write entries. Holds the
/// invariants, and what is stored, against the state after each entry.
class cluster_fixture {
public:
  explicit cluster_fixture(cluster_limits limits = {}) : state(limits) {
    // nop
  }

  /// Of the entries that are applied from now on.
  uint32_t version = cluster_version;

  /// Applies `entry`, which must not stop the node.
  applied_entry apply(cluster::Entry entry) {
    auto rejected_leaves = state.digest();
    entry.set_version(version);
    if (!entry.has_proposed_ns())
      entry.set_proposed_ns(now_ns += 1'000'000);
    payloads.push_back(entry.SerializeAsString());
    write_batch changes;
    auto out = state.apply({payloads.size(), 1, payloads.back()}, changes);
    EXPECT_TRUE(out.engaged()) << describe(out.error());
    if (!out)
      return {};
    if (out->rejected) {
      EXPECT_TRUE(changes.empty());
      EXPECT_EQ(rejected_leaves, state.digest());
    }
    store(changes);
    EXPECT_EQ(state.check_invariants(), std::vector<std::string>{});
    EXPECT_EQ(records(state), stored);
    return std::move(*out);
  }

  /// As apply, and the entry must not be rejected.
  applied_entry accepted(cluster::Entry entry) {
    auto out = apply(std::move(entry));
    EXPECT_FALSE(out.rejected) << describe(out.rejected);
    return out;
  }

  /// As apply, and the entry must be rejected.
  /// @returns why.
  errc rejected(cluster::Entry entry) {
    auto out = apply(std::move(entry));
    EXPECT_TRUE(out.rejected);
    EXPECT_FALSE(text_of(out.rejected).empty());
    return code_of(out.rejected);
  }

  void store(const write_batch& changes) {
    for (auto& change : changes.operations()) {
      if (change.what == write_operation::kind::put)
        stored[change.key] = change.value;
      else if (change.what == write_operation::kind::erase)
        stored.erase(change.key);
      else
        stored.erase(stored.lower_bound(change.key),
                     stored.lower_bound(change.value));
    }
  }

  using record_map = std::map<std::string, std::string>;

  static record_map records(const cluster_state& of) {
    record_map all;
    EXPECT_FALSE(
      of.for_each_record([&](std::string_view key, std::string_view value) {
        EXPECT_TRUE(all.empty() || all.rbegin()->first < key)
          << key << " is not in order";
        all.emplace(key, value);
        return status{};
      }));
    return all;
  }

  static result<cluster_state> load(const record_map& from,
                                    cluster_limits limits = {}) {
    return cluster_state::load(
      [&](const cluster_state::record_visitor& visit) -> status {
        for (auto& [key, value] : from)
          if (auto err = visit(key, value))
            return err;
        return {};
      },
      limits);
  }

  // -- entries ----------------------------------------------------------------

  static cluster::Entry founded(std::string id = "c0ffee00-1234") {
    cluster::Entry entry;
    entry.mutable_cluster_founded()->set_cluster_id(std::move(id));
    return entry;
  }

  static cluster::Entry admitted(std::string uid, uint64_t incarnation = 1,
                                 double cpus = 4, double mem = 1024) {
    cluster::Entry entry;
    auto& what = *entry.mutable_agent_admitted();
    what.set_uid(std::move(uid));
    what.set_incarnation(incarnation);
    what.set_boot_id("boot1");
    what.mutable_info()->set_hostname("host");
    set_resources(what.mutable_info()->mutable_resources(), cpus, mem);
    return entry;
  }

  static cluster::Entry attached(const agent_id& id, uint64_t incarnation = 1,
                                 double cpus = 4, double mem = 1024) {
    cluster::Entry entry;
    auto& what = *entry.mutable_agent_attached();
    what.mutable_agent_id()->set_value(id.text());
    what.set_incarnation(incarnation);
    what.set_boot_id("boot1");
    what.mutable_info()->set_hostname("host");
    set_resources(what.mutable_info()->mutable_resources(), cpus, mem);
    return entry;
  }

  static cluster::Entry detached(const agent_id& id, uint64_t incarnation = 1) {
    cluster::Entry entry;
    entry.mutable_agent_detached()->mutable_agent_id()->set_value(id.text());
    entry.mutable_agent_detached()->set_incarnation(incarnation);
    return entry;
  }

  static cluster::Entry unreachable(const agent_id& id) {
    cluster::Entry entry;
    entry.mutable_agent_unreachable()->mutable_agent_id()->set_value(id.text());
    return entry;
  }

  static cluster::Entry gone(const agent_id& id) {
    cluster::Entry entry;
    entry.mutable_agent_gone()->mutable_agent_id()->set_value(id.text());
    return entry;
  }

  static cluster::Entry subscribed(const framework_id& id = {},
                                   bool partition_aware = false) {
    cluster::Entry entry;
    auto& info = *entry.mutable_framework_subscribed()->mutable_info();
    info.set_user("ann");
    info.set_name("shop");
    info.set_principal("p");
    info.add_roles("dev");
    if (!id.empty())
      info.mutable_id()->set_value(id.text());
    if (partition_aware)
      info.add_capabilities()->set_type(
        v1::FrameworkInfo::Capability::PARTITION_AWARE);
    return entry;
  }

  static cluster::Entry updated(const framework_id& id) {
    cluster::Entry entry;
    *entry.mutable_framework_updated()->mutable_info()
      = subscribed(id).framework_subscribed().info();
    return entry;
  }

  static cluster::Entry disconnected(const framework_id& id,
                                     uint64_t incarnation) {
    cluster::Entry entry;
    auto& what = *entry.mutable_framework_disconnected();
    what.mutable_framework_id()->set_value(id.text());
    what.set_incarnation(incarnation);
    return entry;
  }

  static cluster::Entry ended(const framework_id& id) {
    cluster::Entry entry;
    entry.mutable_framework_ended()->mutable_framework_id()->set_value(
      id.text());
    entry.mutable_framework_ended()->set_reason("torn down");
    return entry;
  }

  /// An accept without launches; see add_task and add_group.
  static cluster::Entry accepts(const framework_id& framework,
                                const agent_id& agent,
                                uint64_t incarnation = 1) {
    cluster::Entry entry;
    auto& what = *entry.mutable_tasks_accepted();
    what.mutable_framework_id()->set_value(framework.text());
    what.mutable_agent_id()->set_value(agent.text());
    what.set_incarnation(incarnation);
    what.set_role("dev");
    return entry;
  }

  static cluster::AcceptedTask task_of(const std::string& id, double cpus,
                                       const std::string& executor = {},
                                       double executor_cpus = 0) {
    cluster::AcceptedTask task;
    task.mutable_task_id()->set_value(id);
    task.set_name("name of " + id);
    task.set_task_info("info of " + id);
    set_resources(task.mutable_resources(), cpus, 10);
    if (!executor.empty()) {
      task.mutable_executor_id()->set_value(executor);
      set_resources(task.mutable_executor_resources(), executor_cpus);
    }
    return task;
  }

  static cluster::Entry add_task(cluster::Entry entry,
                                 cluster::AcceptedTask task) {
    *entry.mutable_tasks_accepted()->add_launches()->add_tasks()
      = std::move(task);
    return entry;
  }

  static cluster::Entry add_group(cluster::Entry entry,
                                  std::vector<cluster::AcceptedTask> tasks,
                                  const std::string& executor,
                                  double executor_cpus) {
    auto& launch = *entry.mutable_tasks_accepted()->add_launches();
    for (auto& task : tasks)
      *launch.add_tasks() = std::move(task);
    auto& info = *launch.mutable_group_executor();
    info.mutable_executor_id()->set_value(executor);
    set_resources(info.mutable_resources(), executor_cpus);
    return entry;
  }

  /// A status by the agent in its first incarnation.
  static cluster::Entry reported(const task_key& key, v1::TaskState state,
                                 const std::string& uuid = {},
                                 uint64_t incarnation = 1) {
    auto entry = given(key, state);
    auto& what = *entry.mutable_task_status();
    what.set_agent_incarnation(incarnation);
    what.mutable_status()->set_source(v1::TaskStatus::SOURCE_EXECUTOR);
    if (!uuid.empty())
      what.mutable_status()->set_uuid(uuid);
    return entry;
  }

  /// A status by the master.
  static cluster::Entry given(const task_key& key, v1::TaskState state) {
    cluster::Entry entry;
    auto& what = *entry.mutable_task_status();
    what.mutable_framework_id()->set_value(key.framework.text());
    what.mutable_status()->mutable_task_id()->set_value(key.task.text());
    what.mutable_status()->set_state(state);
    return entry;
  }

  static cluster::Entry acknowledged(const task_key& key,
                                     const std::string& uuid) {
    cluster::Entry entry;
    auto& what = *entry.mutable_status_acknowledged();
    what.mutable_framework_id()->set_value(key.framework.text());
    what.mutable_task_id()->set_value(key.task.text());
    what.set_uuid(uuid);
    return entry;
  }

  static cluster::Entry confirmed(const agent_id& agent,
                                  const std::vector<task_key>& keys) {
    cluster::Entry entry;
    auto& what = *entry.mutable_tasks_confirmed();
    what.mutable_agent_id()->set_value(agent.text());
    for (auto& key : keys) {
      what.mutable_framework_id()->set_value(key.framework.text());
      what.add_task_ids()->set_value(key.task.text());
    }
    return entry;
  }

  static cluster::Entry kill(const task_key& key) {
    cluster::Entry entry;
    auto& what = *entry.mutable_kill_requested();
    what.mutable_framework_id()->set_value(key.framework.text());
    what.mutable_task_id()->set_value(key.task.text());
    return entry;
  }

  static cluster::Entry adopted(const agent_id& agent, const task_key& key,
                                double cpus) {
    cluster::Entry entry;
    auto& what = *entry.mutable_task_adopted();
    what.mutable_framework_id()->set_value(key.framework.text());
    what.mutable_agent_id()->set_value(agent.text());
    *what.mutable_task() = task_of(key.task.text(), cpus);
    what.set_role("dev");
    return entry;
  }

  static cluster::Entry executor_ended(const agent_id& agent,
                                       const executor_key& key) {
    cluster::Entry entry;
    auto& what = *entry.mutable_executor_ended();
    what.mutable_framework_id()->set_value(key.framework.text());
    what.mutable_agent_id()->set_value(agent.text());
    what.mutable_executor_id()->set_value(key.executor.text());
    return entry;
  }

  // -- short ways -------------------------------------------------------------

  agent_id add_agent(const std::string& uid, double cpus = 4) {
    auto out = accepted(admitted(uid, 1, cpus));
    return out.attached ? out.attached->agent : agent_id{};
  }

  framework_id add_framework(bool partition_aware = false) {
    auto out = accepted(subscribed({}, partition_aware));
    return out.subscribed ? out.subscribed->framework : framework_id{};
  }

  /// Starts one task without an executor.
  task_key start(const framework_id& framework, const agent_id& agent,
                 const std::string& id, double cpus = 1) {
    auto out = accepted(add_task(accepts(framework, agent), task_of(id, cpus)));
    EXPECT_EQ(out.started.size(), 1u);
    return {framework, task_id{id}};
  }

  /// Starts a task and ends it, acknowledgement included.
  void run_to_end(const framework_id& framework, const agent_id& agent,
                  const std::string& id) {
    auto key = start(framework, agent, id);
    accepted(reported(key, v1::TASK_FINISHED, "u"));
    accepted(acknowledged(key, "u"));
  }

  int64_t used_milli(const agent_id& agent) const {
    return state.find_agent(agent)->used.cpus().milli();
  }

  cluster_state state;
  record_map stored;
  std::vector<std::string> payloads;
  int64_t now_ns = 1'000'000'000;
};

/// With a cluster, an agent, and a framework of each kind.
class cluster_test : public testing::Test, public cluster_fixture {
public:
  explicit cluster_test(cluster_limits limits = {}) : cluster_fixture(limits) {
    accepted(founded());
    agent = add_agent("uid-a");
    aware = add_framework(true);
    plain = add_framework(false);
  }

  agent_id agent;
  framework_id aware;
  framework_id plain;
};

} // namespace agora
