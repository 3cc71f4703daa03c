// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/epoch.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"
#include "storage/cluster/applied_entry.hpp"
#include "storage/cluster/cluster_limits.hpp"
#include "storage/cluster/cluster_records.hpp"
#include "storage/consensus/log_entry.hpp"
#include "storage/store/write_batch.hpp"

#include "agora/cluster/entries.pb.h"
#include "agora/cluster/records.pb.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace agora {

/// The cluster: the deterministic fold over its log. Every replica that has
/// applied the same entries has the same state, stores the same records and
/// computes the same digest: no clock, no chance, no address and no order of
/// hashing ever decides anything.
///
/// It is not the leader's view: what is proposed and not yet applied is the
/// master's overlay. The judgements that both need are in cluster_rules.hpp.
///
/// Names of stored keys, relative to the log's state, are in state_keys.hpp.
///
/// One owner makes all calls. References and pointers it hands out are valid
/// until the next apply.
class cluster_state {
public:
  /// Gives each record, in ascending order of keys, to a visitor; as
  /// replicated_log::for_each_state does. The visitor's error ends the visit
  /// and is returned.
  using record_visitor
    = std::function<status(std::string_view key, std::string_view value)>;
  using record_source = std::function<status(const record_visitor& visitor)>;

  explicit cluster_state(cluster_limits limits = {});
  ~cluster_state();
  cluster_state(cluster_state&&) noexcept;
  cluster_state& operator=(cluster_state&&) noexcept;

  /// The state that `source` has the records of. No record at all is the state
  /// before the first entry.
  /// @returns errc::store_corrupt naming the key of the first record that is
  ///          damaged or contradicts another; errc::version_mismatch if a
  ///          newer program wrote it; what `source` fails with.
  static result<cluster_state> load(const record_source& source,
                                    cluster_limits limits = {});

  /// Applies the next entry, and adds to `changes` how the stored records
  /// change by it.
  /// @returns what happened: applied, or rejected without any change.
  ///          An error means that this program cannot follow the log, and the
  ///          node must stop: errc::malformed_message if the payload is no
  ///          Entry, errc::version_mismatch if it is of a newer version or of
  ///          a type that is not known here. State and `changes` are as before.
  result<applied_entry> apply(const log_entry& entry, write_batch& changes);

  /// Likewise, for who wants to see the entry as well.
  /// @param parsed An empty message, which may be on an arena; gets what
  ///               `entry` says.
  result<applied_entry> apply(const log_entry& entry, cluster::Entry& parsed,
                              write_batch& changes);

  // -- reading ----------------------------------------------------------------

  const cluster_limits& limits() const {
    return limits_;
  }

  /// Empty until ClusterFounded was applied.
  const std::string& cluster_id() const {
    return cluster_id_;
  }

  /// Entries may be of this version, and of types that it has: see
  /// cluster_version. 0 until ClusterFounded was applied.
  uint32_t version() const {
    return version_;
  }

  /// Of the newest TermStarted.
  epoch current_epoch() const {
    return epoch_;
  }

  /// The newest time of an entry that was applied, in nanoseconds since the
  /// Unix epoch. A new leader's clock must not start below it.
  int64_t last_proposed_ns() const {
    return last_proposed_ns_;
  }

  /// Null if not known. Gone agents are found as long as they are remembered.
  const agent_record* find_agent(const agent_id& id) const;

  /// The agent that was admitted with `uid`; null if none.
  const agent_record* find_agent_by_uid(const std::string& uid) const;

  /// Null if not known. Ended ones are found as long as they are remembered.
  const framework_record* find_framework(const framework_id& id) const;

  /// Null unless the task has not ended, or waits for its acknowledgement.
  const task_record* find_task(const task_key& key) const;

  /// Null if there is none.
  const executor_record* find_executor(const agent_id& agent,
                                       const executor_key& key) const;

  /// The newest ended task of this name; null if none is remembered.
  const cluster::TaskRecord* find_ended_task(const task_key& key) const;

  /// Visitors return false to stop.
  template <class T>
  using visitor = std::function<bool(const T&)>;

  /// In the order of ids.
  void for_each_agent(const visitor<agent_record>& visit) const;

  /// In the order of ids; ended ones included.
  void for_each_framework(const visitor<framework_record>& visit) const;

  /// Which tasks to visit. What is not set matches all.
  struct task_filter {
    std::optional<framework_id> framework = {};
    std::optional<agent_id> agent = {};
    std::optional<v1::TaskState> state = {};
  };

  /// Visits what `which` selects of the tasks that have not ended or wait for
  /// their acknowledgement, in the order of keys; walks no more tasks than its
  /// framework, or its agent, has.
  void for_each_task(const task_filter& which,
                     const visitor<task_record>& visit) const;

  /// From the newest to the oldest.
  void for_each_ended_task(const visitor<cluster::TaskRecord>& visit) const;

  /// Of all frameworks.
  const task_counts& counts() const {
    return counts_;
  }

  size_t agent_count() const {
    return agents_.size();
  }

  /// Agents in `state`.
  size_t agent_count(cluster::AgentState state) const {
    return agents_in_state_[static_cast<size_t>(state)];
  }

  /// Frameworks that have not ended.
  size_t framework_count() const {
    return frameworks_.size() - ended_frameworks_.size();
  }

  size_t ended_framework_count() const {
    return ended_frameworks_.size();
  }

  size_t ended_task_count() const {
    return ended_tasks_.size();
  }

  // -- proof ------------------------------------------------------------------

  /// A hash over all that is stored, the same for equal states however they
  /// came about. Walks everything: for tests, simulation and operators.
  uint64_t digest() const;

  /// Gives every record to `visitor`, in ascending order of keys, as load
  /// takes it. Walks everything.
  status for_each_record(const record_visitor& visitor) const;

  /// Each broken invariant in a sentence; none is the only good answer. Walks
  /// everything: for tests and simulation.
  std::vector<std::string> check_invariants() const;

private:
  friend class cluster_applier;
  friend class cluster_loader;
  friend class cluster_inspector;

  cluster::ClusterRecord to_stored() const;
  status for_each_task_record(const record_visitor& visitor) const;

  using agent_table = std::map<agent_id, agent_record>;
  using framework_table = std::map<framework_id, framework_record>;
  /// By end number.
  using ended_task_table = std::map<uint64_t, cluster::TaskRecord>;

  cluster_limits limits_;
  /// On the heap, so that handles stay valid when the state moves. Declared
  /// before, and so destroyed after, all that holds handles.
  std::unique_ptr<string_pool> strings_;

  /// See version(); 0 before the cluster is founded.
  uint32_t version_ = 0;
  std::string cluster_id_;
  epoch epoch_;
  int64_t last_proposed_ns_ = 0;
  uint64_t next_agent_ = 0;
  uint64_t next_framework_ = 0;
  uint64_t next_end_ = 0;
  uint64_t next_group_ = 0;

  framework_table frameworks_;
  agent_table agents_;
  std::unordered_map<std::string, agent_record*> agents_by_uid_;
  std::array<size_t, cluster::AgentState_ARRAYSIZE> agents_in_state_{};
  /// By the time when they were marked, and their id.
  std::map<std::pair<int64_t, agent_id>, agent_record*> gone_agents_;
  /// By end number.
  std::map<uint64_t, framework_record*> ended_frameworks_;
  ended_task_table ended_tasks_;
  /// The newest end number of each key in ended_tasks_.
  std::map<task_key, uint64_t> newest_end_;
  task_counts counts_;
};

} // namespace agora
