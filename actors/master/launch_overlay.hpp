// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/ids.hpp"
#include "storage/cluster/cluster_rules.hpp"

#include "agora/cluster/entries.pb.h"

#include <map>
#include <set>
#include <utility>

namespace agora {

/// The leader's overlay: launches that are proposed and not yet applied. A new
/// launch is judged as if they were applied already.
class launch_overlay {
public:
  /// What is pending of the framework on the agent. Ids of its tasks on other
  /// agents are included: they are unique within the framework. Valid until the
  /// next add or remove.
  pending_launches pending(const framework_id& framework,
                           const agent_id& agent) const;

  /// Whether a launch of this task is proposed and not yet applied.
  bool contains(const task_key& key) const;

  /// `entry` was proposed.
  /// @param amount All that it takes.
  /// @param executors Those that start with it.
  void add(const cluster::TasksAccepted& entry, const resources& amount,
           const std::set<executor_id>& executors);

  /// `entry` was applied, or will never be. Takes what add took.
  void remove(const cluster::TasksAccepted& entry, const resources& amount,
              const std::set<executor_id>& executors);

  bool empty() const {
    return agents_.empty();
  }

private:
  struct agent_part {
    resources amount;
    size_t tasks = 0;
  };

  std::map<agent_id, agent_part> agents_;
  std::map<framework_id, std::set<task_id>> tasks_;
  /// How many proposals start each executor.
  std::map<std::pair<agent_id, executor_key>, size_t> executors_;
};

} // namespace agora
