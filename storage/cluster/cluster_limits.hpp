// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace agora {

/// The newest format of a log entry and of the stored records that this
/// program understands. An entry of a newer one stops the node.
inline constexpr uint32_t cluster_version = 1;

/// How much of what the cluster's state keeps. They decide which entries are
/// rejected and when history is forgotten, so they are a part of the fold:
/// they must be the same on every replica, in every run over the same log.
struct cluster_limits {
  /// Ended tasks that are remembered; the oldest goes first.
  size_t ended_tasks = 1'000;

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

  /// Custom executors of one framework on one agent.
  size_t executors = 1'000;
};

/// Bytes that the id of a task or executor may have.
inline constexpr size_t object_id_bytes = 255;

} // namespace agora
