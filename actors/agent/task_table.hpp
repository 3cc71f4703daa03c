// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_messages.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/launch_id.hpp"

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

/// One update of a custom executor.
struct reported_update {
  /// As the executor has it.
  std::string given;
  /// As everybody else has it: the same, unless the executor gave one uuid to
  /// two updates.
  std::string own;
  v1::TaskState state = v1::TASK_STAGING;
};

/// One task that an agent is responsible for, until its terminal status is
/// acknowledged.
struct held_task {
  task_key key;
  /// Which launch of its id it is; empty if its master did not say.
  launch_id launch;
  v1::TaskInfo info;
  /// With an empty executor id: the framework's built-in command executor.
  executor_key executor;
  /// Of built-in executors' tasks; others share their executor's.
  container_id container;
  std::filesystem::path sandbox;
  /// Tasks of one group launch share a number; 0: alone.
  uint64_t group = 0;
  task_phase phase = task_phase::storing;
  /// Whether its first checkpoint is on disk: from then on it is promised, also
  /// while a later one is on the way.
  bool stored = false;
  /// The newest status; STAGING and without a uuid before the first one.
  v1::TaskStatus latest;
  /// When a kill was asked for, in nanoseconds since the Unix epoch; or 0.
  int64_t kill_requested_ns = 0;
  int64_t kill_grace_ns = 0;
  /// Found invalid: this is its status, to be recorded once it is stored.
  v1::TaskStatus refusal;
  /// The newest updates of its custom executor, to tell repeated ones; at most
  /// reported_updates_limit.
  std::vector<reported_update> reported;
  /// The log does not know it: an operator has to decide.
  bool orphan = false;
  /// Another launch of the same id came, so that for the log this one is over:
  /// it is to end, and its end counts as acknowledged.
  bool superseded = false;
  /// Its end is acknowledged, and what is stored of it is about to go: for the
  /// log there is no such task any more, and its id is free.
  bool settling = false;

  bool refused() const {
    return refusal.has_state();
  }

  bool ended() const;

  /// What a master must be told of it has at most so many bytes in an attach.
  size_t attach_bytes() const;

  checkpoint::TaskCheckpoint to_checkpoint() const;

  /// What a stored task looks like after a restart.
  static held_task from_checkpoint(checkpoint::TaskCheckpoint record);
};

/// See held_task::reported.
inline constexpr size_t reported_updates_limit = 64;

/// The longest uuid of an update that an agent takes from an executor.
inline constexpr size_t update_uuid_bytes = 64;

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

  /// Of all of them: see held_task.
  size_t attach_bytes() const {
    return attach_bytes_;
  }

private:
  size_t attach_bytes_ = 0;
  std::unordered_map<task_key, held_task> tasks_;
  std::map<executor_key, std::set<task_key>> by_executor_;
};

} // namespace agora
