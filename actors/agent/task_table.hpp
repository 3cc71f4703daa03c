// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_messages.hpp"
#include "runtime/base/ids.hpp"

#include "agora/checkpoint/records.pb.h"
#include "agora/v1/tasks.pb.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace agora {

/// How far the agent has come with a task. What the task itself does is in its
/// latest status.
enum class task_phase : uint8_t {
  /// Its checkpoint is on the way to the disk. Nothing else happens to it
  /// before that is done: a status without a checkpoint would be lost or, if
  /// it left, contradicted after a crash.
  storing,
  /// Stored; its executor cannot take it yet.
  waiting,
  /// Handed to its executor.
  launched,
};

/// One task that an agent is responsible for, until its terminal status is
/// acknowledged.
struct held_task {
  task_key key;
  v1::TaskInfo info;
  /// With an empty executor id: the framework's built-in command executor.
  executor_key executor;
  /// Of built-in executors' tasks; others share their executor's.
  container_id container;
  std::filesystem::path sandbox;
  /// Tasks of one group launch share a number; 0: alone.
  uint64_t group = 0;
  task_phase phase = task_phase::storing;
  /// The newest status; STAGING and without a uuid before the first one.
  v1::TaskStatus latest;
  /// When a kill was asked for, in nanoseconds since the Unix epoch; or 0.
  int64_t kill_requested_ns = 0;
  int64_t kill_grace_ns = 0;
  /// Found invalid: this is its status, to be recorded once it is stored.
  v1::TaskStatus refusal;
  /// The log does not know it: an operator has to decide.
  bool orphan = false;
  /// Its end is acknowledged, and what is stored of it is about to go: for the
  /// log there is no such task any more, and its id is free.
  bool settling = false;

  bool refused() const {
    return refusal.has_state();
  }

  bool ended() const;

  checkpoint::TaskCheckpoint to_checkpoint() const;

  /// What a stored task looks like after a restart.
  static held_task from_checkpoint(checkpoint::TaskCheckpoint record);
};

/// All tasks that an agent holds.
class task_table {
public:
  held_task* find(const task_key& key);
  const held_task* find(const task_key& key) const;

  /// @pre There is none with this key.
  held_task& insert(held_task task);

  void erase(const task_key& key);

  /// In the order of their keys.
  std::vector<held_task*> of_executor(const executor_key& key);

  bool has_executor(const executor_key& key) const;
  bool has_framework(const framework_id& id) const;

  /// In the order of their keys. Must not be changed meanwhile.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for (auto& [executor, keys] : by_executor_)
      for (auto& key : keys)
        visit(tasks_.at(key));
  }

  template <class Visitor>
  void for_each(Visitor&& visit) {
    for (auto& [executor, keys] : by_executor_)
      for (auto& key : keys)
        visit(tasks_.at(key));
  }

  size_t size() const {
    return tasks_.size();
  }

private:
  std::unordered_map<task_key, held_task> tasks_;
  std::map<executor_key, std::set<task_key>> by_executor_;
};

} // namespace agora
