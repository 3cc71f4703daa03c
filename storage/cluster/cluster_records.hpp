// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/ids.hpp"
#include "runtime/base/launch_id.hpp"
#include "runtime/resources/resources.hpp"
#include "runtime/validation/task_states.hpp"
#include "storage/cluster/interned_string.hpp"

#include "agora/cluster/records.pb.h"
#include "agora/v1/agents.pb.h"
#include "agora/v1/commands.pb.h"
#include "agora/v1/frameworks.pb.h"
#include "agora/v1/tasks.pb.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

// What the cluster's state knows of each thing. The lower-case names are the
// records in memory; agora.cluster.*Record are their stored form. Whoever gets
// a const reference may keep it until the next entry is applied.

namespace agora {

struct agent_record;
struct framework_record;

/// How many tasks are in which state.
class task_counts {
public:
  size_t of(v1::TaskState state) const {
    return counts_[static_cast<size_t>(state)];
  }

  /// Tasks that have not ended.
  size_t live() const;

  /// All, ended and not acknowledged ones included.
  size_t total() const;

  void add(v1::TaskState state) {
    ++counts_[static_cast<size_t>(state)];
  }

  void remove(v1::TaskState state) {
    --counts_[static_cast<size_t>(state)];
  }

  friend bool operator==(const task_counts&, const task_counts&) = default;

private:
  std::array<uint32_t, v1::TaskState_ARRAYSIZE> counts_{};
};

/// The tasks of one LAUNCH_GROUP.
struct task_group {
  /// Unique within the cluster.
  uint64_t number = 0;
  /// A serialized v1::ExecutorInfo.
  std::string executor;
  /// Its tasks that have a task_record.
  size_t members = 0;
};

/// A task that has not ended, or whose terminal state its framework has not
/// acknowledged. There may be a million: what is long stays serialized, what
/// is shared is interned.
struct task_record {
  /// Never null.
  framework_record* framework = nullptr;
  /// Never null.
  agent_record* agent = nullptr;
  /// Its key in framework_record::tasks.
  const std::string* id = nullptr;
  /// Of the custom or group executor; empty for commands.
  interned_string executor;
  interned_string name;
  /// Whose share its resources count for.
  interned_string role;
  v1::TaskState state = v1::TASK_STAGING;
  /// The agent has stored it.
  bool confirmed = false;
  bool kill_requested = false;
  resources amount;
  /// Which launch of this task id it is.
  launch_id launch;
  int64_t launched_ns = 0;
  /// 0 until it has ended.
  int64_t ended_ns = 0;
  /// A serialized v1::TaskInfo, as the framework gave it.
  std::string task_info;
  /// The newest v1::TaskStatus, serialized, without task_id and agent_id; see
  /// latest_status. Empty as long as nothing was reported.
  std::string status;
  /// Null if it was launched alone.
  std::shared_ptr<task_group> group;
  /// Null if the kill did not come with one.
  std::unique_ptr<const v1::KillPolicy> kill_policy;

  task_key key() const;

  executor_id executor_name() const {
    return executor_id{executor.text()};
  }

  /// It has ended and waits for its acknowledgement.
  bool terminal() const;

  /// The newest status, complete; made up (TASK_STAGING, by the master) if
  /// nothing was reported yet.
  v1::TaskStatus latest_status() const;

  /// The uuid that the newest status has to be acknowledged with; empty if it
  /// needs none.
  std::string status_uuid() const;

  /// Nothing has happened to it since its launch.
  bool untouched() const {
    return state == v1::TASK_STAGING && !confirmed && !kill_requested
           && status.empty();
  }
};

/// A custom executor that holds resources on an agent.
struct executor_record {
  framework_record* framework = nullptr;
  agent_record* agent = nullptr;
  executor_id id;
  interned_string role;
  resources amount;

  executor_key key() const;
};

/// What one framework uses of one agent in one role.
struct agent_usage {
  framework_id framework;
  std::string role;
  resources amount;
};

/// An agent, from its admission until it was marked gone long ago.
struct agent_record {
  agent_id id;
  std::string uid;
  uint64_t incarnation = 0;
  /// Of the info, what is asked for often.
  std::string hostname;
  int32_t port = 0;
  /// A serialized v1::AgentInfo: there may be 50,000, and as an object it takes
  /// several times as much.
  std::string packed_info;
  cluster::AgentState state = cluster::AGENT_STATE_UNKNOWN;
  int64_t state_since_ns = 0;
  int64_t registered_ns = 0;
  std::string software;
  std::string boot_id;

  /// What the info's resources add up to.
  resources total;
  /// What its tasks that have not ended, and its executors, hold; nothing
  /// while it is unreachable. Always fits into total.
  resources used;
  /// The same by framework and role; ordered, none empty.
  std::vector<agent_usage> usage;
  task_counts counts;
  /// Ordered by key: outcomes never depend on addresses.
  std::vector<task_record*> tasks;
  /// By framework, then id.
  std::map<executor_key, executor_record> executors;

  /// As it was attached, with the agent's id.
  v1::AgentInfo info() const;

  void set_info(const v1::AgentInfo& info);

  bool attached() const {
    return state == cluster::AGENT_ATTACHED;
  }

  /// Whether what it runs counts as used. An unreachable agent's does not.
  bool counted() const {
    return state == cluster::AGENT_ATTACHED || state == cluster::AGENT_DETACHED;
  }
};

/// A framework that has not ended, or one of the ended that are remembered.
struct framework_record {
  framework_id id;
  v1::FrameworkInfo info;
  uint64_t incarnation = 0;
  cluster::FrameworkState state = cluster::FRAMEWORK_STATE_UNKNOWN;
  int64_t state_since_ns = 0;
  int64_t subscribed_ns = 0;
  std::string end_reason;
  /// Orders the ended; 0 until then.
  uint64_t end_number = 0;

  /// It has the capability PARTITION_AWARE.
  bool partition_aware = false;
  task_counts counts;
  /// By task id; empty once it has ended.
  std::map<std::string, task_record, std::less<>> tasks;
  /// By agent, then executor id; empty once it has ended.
  std::map<std::pair<agent_id, executor_id>, executor_record*> executors;

  bool has_ended() const {
    return state == cluster::FRAMEWORK_ENDED;
  }

  bool connected() const {
    return state == cluster::FRAMEWORK_CONNECTED;
  }
};

/// The last status of an ended task, complete.
v1::TaskStatus status_of(const cluster::TaskRecord& record);

} // namespace agora
