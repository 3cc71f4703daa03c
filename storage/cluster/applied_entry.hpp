// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/epoch.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/launch_id.hpp"
#include "runtime/base/result.hpp"
#include "runtime/resources/resources.hpp"

#include "agora/cluster/entries.pb.h"
#include "agora/v1/commands.pb.h"
#include "agora/v1/tasks.pb.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace agora {

/// Resources of one agent that began, or ceased, to count as used by one
/// framework in one role.
struct usage_change {
  framework_id framework;
  std::string role;
  agent_id agent;
  resources amount;
};

/// An agent may be talked to under this identity.
struct agent_attachment {
  agent_id agent;
  uint64_t incarnation = 0;
  /// It was never seen before.
  bool admitted = false;
  /// It was unreachable: everything it has that did not end counts as used
  /// again, and stands in applied_entry::acquired.
  bool was_unreachable = false;
  /// Its machine was started anew: none of its processes has survived.
  bool rebooted = false;
};

/// A framework's scheduler holds the framework under this incarnation.
struct framework_subscription {
  framework_id framework;
  uint64_t incarnation = 0;
  /// It was never seen before.
  bool created = false;
  /// Whether its info differs from what was known.
  bool updated = false;
};

/// A task began to exist, in TASK_STAGING (or, adopted, in the state that its
/// agent reported).
struct task_started {
  task_key key;
  agent_id agent;
  /// Of the custom or group executor; empty for commands.
  executor_id executor;
  std::string role;
  resources amount;
  launch_id launch;
  /// The launch's place in TasksAccepted::launches; 0 if adopted.
  size_t place = 0;
};

/// A task that is part of a TasksAccepted and does not start.
struct task_refused {
  task_key key;
  agent_id agent;
  /// The launch's place in TasksAccepted::launches.
  size_t place = 0;
  /// Why: already_exists, invalid_argument, invalid_resources, limit_reached,
  /// ... For the tasks of a group which are innocent, it names the guilty one.
  status reason;
  /// It is part of a group, which was refused as a whole.
  bool in_group = false;
};

/// A task's state changed, or was reported anew.
struct task_transition {
  task_key key;
  agent_id agent;
  executor_id executor;
  std::string role;
  v1::TaskState from = v1::TASK_STAGING;
  v1::TaskState to = v1::TASK_STAGING;
  bool became_terminal = false;
  /// The state is terminal and is sent until StatusAcknowledged is logged.
  bool awaits_acknowledgement = false;
  /// Complete, as the framework gets it.
  v1::TaskStatus status;
};

/// The framework has acknowledged a terminal state: its agent may forget it.
struct task_acknowledged {
  task_key key;
  agent_id agent;
  std::string uuid;
};

/// The framework wants the task's end.
struct kill_requested {
  task_key key;
  agent_id agent;
  std::optional<v1::KillPolicy> policy;
};

/// A custom executor began, or ceased, to hold resources.
struct executor_change {
  executor_key key;
  agent_id agent;
  std::string role;
  resources amount;
};

/// A framework is over. Its tasks' ends are transitions of the same entry, and
/// the agents that had any of its tasks or executors have to be told.
struct framework_end {
  framework_id framework;
  std::string reason;
  /// Ordered by id.
  std::vector<agent_id> agents;
};

/// Why and where an agent's state changed without an attachment.
struct agent_change {
  agent_id agent;
  uint64_t incarnation = 0;
  enum class kind : uint8_t { detached, unreachable, gone };
  kind what = kind::detached;
};

/// What one entry did to the cluster's state: all that its leader needs in
/// order to answer, to tell agents and frameworks, and to keep the allocator's
/// books, without searching the state. What did not happen is empty.
///
/// Resources move by `acquired` and `released` alone: they are complete, each
/// has one element for each framework, role and agent, and the other lists
/// only say what for.
struct applied_entry {
  uint64_t index = 0;
  uint64_t term = 0;
  cluster::Entry::EntryCase what = cluster::Entry::ENTRY_NOT_SET;
  /// The entry's time, in nanoseconds since the Unix epoch.
  int64_t time_ns = 0;

  /// If set, the entry changed nothing, and this is why: stale_incarnation,
  /// not_found, conflict, ... All below is empty then.
  status rejected;

  /// TermStarted.
  std::optional<epoch> started_epoch;
  /// AgentAdmitted, AgentAttached.
  std::optional<agent_attachment> attached;
  /// AgentDetached, AgentUnreachable, AgentGone.
  std::optional<agent_change> agent_changed;
  /// FrameworkSubscribed, FrameworkUpdated.
  std::optional<framework_subscription> subscribed;
  /// FrameworkDisconnected.
  std::optional<framework_id> disconnected;
  /// FrameworkEnded.
  std::optional<framework_end> ended;
  /// TasksAccepted, TaskAdopted; in the order of the entry.
  std::vector<task_started> started;
  /// TasksAccepted; in the order of the entry.
  std::vector<task_refused> refused;
  /// TasksConfirmed: those that were not confirmed before.
  std::vector<task_key> confirmed;
  /// TaskStatusLogged, AgentUnreachable, AgentGone, FrameworkEnded, the latter
  /// three ordered by task key.
  std::vector<task_transition> transitions;
  /// StatusAcknowledged.
  std::optional<task_acknowledged> acknowledged;
  /// KillRequested.
  std::optional<kill_requested> kill;
  /// TasksAccepted, TaskAdopted.
  std::vector<executor_change> executors_started;
  /// ExecutorEnded, AgentGone, FrameworkEnded.
  std::vector<executor_change> executors_ended;

  /// Resources that count as used from now on.
  std::vector<usage_change> acquired;
  /// Resources that do not count as used any more.
  std::vector<usage_change> released;

  /// Ended tasks and frameworks, and gone agents, that are forgotten now.
  std::vector<task_key> evicted_tasks;
  std::vector<framework_id> evicted_frameworks;
  std::vector<agent_id> evicted_agents;
};

} // namespace agora
