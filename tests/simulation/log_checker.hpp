// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/testing/log_follower.hpp"
#include "actors/testing/simulated_cluster.hpp"
#include "actors/testing/world.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/resources/resources.hpp"
#include "storage/cluster/cluster_state.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace agora::simulation {

/// What the log says about one task, from its launch on.
struct task_story {
  agent_id agent;
  resources amount;
  v1::TaskState state = v1::TASK_STAGING;
  bool ended = false;
  /// The framework was ended, and its tasks with it.
  bool ended_with_framework = false;
  /// Of the terminal state; empty if it needs no acknowledgement.
  std::string uuid;
  bool acknowledged = false;
};

/// Holds each entry of the log, as it becomes durable, against books that are
/// kept by other rules than the state's.
class log_checker {
public:
  log_checker(world& sim, simulated_cluster& cluster);

  /// The newest entry taken in.
  uint64_t index() const {
    return log_.index();
  }

  const cluster_state& state() const {
    return log_.state();
  }

  const std::map<task_key, task_story>& stories() const {
    return stories_;
  }

  bool has_ended(const framework_id& framework) const;

  /// From now on, agents may forget: one was put back to what its disk held
  /// earlier.
  void agents_may_forget() {
    agents_may_forget_ = true;
  }

  /// Of entries that were rejected when they were applied.
  uint64_t rejected() const {
    return rejected_;
  }

private:
  struct agent_book {
    std::string uid;
    uint64_t incarnation = 0;
    resources total;
    resources used;
    bool attached = false;
    /// False while it is unreachable: what it has is not counted.
    bool counted = false;
    std::set<task_key> tasks;
    std::map<executor_key, resources> executors;
  };

  struct framework_book {
    uint64_t incarnation = 0;
    bool ended = false;
  };

  void take(const log_entry& raw, const cluster::Entry& entry,
            const applied_entry& applied);
  void check_order(const log_entry& raw, const cluster::Entry& entry);
  void check(const cluster::Entry& entry, const applied_entry& applied);
  void check_attachment(const applied_entry& applied);
  void check_launch(const cluster::TasksAccepted& entry,
                    const applied_entry& applied);
  void check_transition(const task_transition& change, bool with_framework);
  void check_acknowledgement(const task_acknowledged& done);
  void change_agent(const agent_change& change);
  void check_amounts(const agent_id& agent);
  void violated(const std::string& text);

  world& sim_;
  log_follower log_;
  uint64_t rejected_ = 0;
  bool agents_may_forget_ = false;
  bool founded_ = false;
  uint64_t term_ = 0;
  epoch epoch_;
  int64_t proposed_ns_ = 0;
  std::map<agent_id, agent_book> agents_;
  std::map<std::string, agent_id> uids_;
  std::map<framework_id, framework_book> frameworks_;
  std::map<task_key, task_story> stories_;
  std::set<agent_id> touched_;
};

} // namespace agora::simulation
