// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace agora {

/// The newest format of a log entry and of the stored records that this
/// program understands. An entry of a newer one stops the node.
///
/// 2: what a task is, and how it is doing, are records of their own.
/// 3: an entry of its own raises the cluster's version.
///
/// What a version has brought is written only once the cluster's own version
/// (cluster_state::version) has been raised to it by an entry: until then a
/// member that is older must be able to follow.
inline constexpr uint32_t cluster_version = 3;

/// The oldest format that is still understood: data of an older one is refused.
inline constexpr uint32_t oldest_cluster_version = 2;

/// How much of what the cluster's state keeps. They decide which entries are
/// rejected and when history is forgotten, so they are a part of the fold:
/// they must be the same on every replica, in every run over the same log.
///
/// They also bound what one entry changes: see entry_changes_bytes.
struct cluster_limits {
  /// Ended tasks that are remembered; the oldest goes first.
  size_t ended_tasks = 1'000;

  /// Bytes of the record that is kept of one ended task. If it has more, its
  /// description is forgotten with its end; then its resources and the data of
  /// its status.
  size_t ended_task_bytes = 8'192;

  /// Ended frameworks that are remembered; the oldest goes first.
  size_t ended_frameworks = 50;

  /// Agents, marked gone, that are remembered (and refused when they come
  /// back by their id); the oldest goes first.
  size_t gone_agents = 1'000;

  /// Agents, gone ones included. Further ones are not admitted.
  size_t agents = 100'000;

  /// Frameworks that have not ended. Further ones are not subscribed.
  size_t frameworks = 10'000;

  /// Tasks, those included whose terminal state is not acknowledged yet.
  /// Further ones are refused.
  size_t tasks = 2'000'000;

  /// Tasks of one agent, likewise. One entry can end them all.
  size_t agent_tasks = 10'000;

  /// Custom executors of one agent, of all frameworks.
  size_t executors = 1'000;
};

/// Bytes that the id of a task or executor may have.
inline constexpr size_t object_id_bytes = 255;

/// Bytes that the name of a role may have.
inline constexpr size_t role_bytes = 255;

/// Bytes of the text in a status that the fold itself gives. One that is longer
/// is cut: one entry may give it to every task of an agent.
inline constexpr size_t made_message_bytes = 1'024;

/// Bytes of a status that the master gives to a task by an entry.
inline constexpr size_t given_status_bytes = 1'536;

/// What the changes of one entry weigh at most, in the bytes of a write batch,
/// if its payload has at most 8 MiB. It follows from the limits above:
///  - AgentUnreachable, AgentGone and TasksConfirmed write or erase the small
///    records of agent_tasks tasks, never what their frameworks said of them;
///    AgentGone also moves up to ended_tasks of them, of ended_task_bytes each,
///    to the history, and erases the agent's executors;
///  - FrameworkEnded erases what is large as ranges, and moves no more than
///    ended_tasks to the history;
///  - TasksAccepted writes what its payload holds, once, and at most
///    agent_tasks records around it;
///  - all others change a few records.
/// A store must take this as one batch, with room for a log's own keys.
inline constexpr size_t entry_changes_bytes = size_t{26} << 20;

} // namespace agora
