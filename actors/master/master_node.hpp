// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/interfaces.hpp"
#include "actors/master/master_settings.hpp"
#include "actors/session/session_machine.hpp"
#include "runtime/base/wall_clock.hpp"
#include "storage/cluster/cluster_limits.hpp"
#include "storage/log/replicated_log.hpp"
#include "storage/store/store.hpp"

#include <caf/fwd.hpp>

#include <functional>
#include <memory>
#include <string>

namespace agora {

/// How a master node is run.
struct master_node_options {
  master_settings settings;
  cluster_limits limits;
  session_limits sessions;
  log_settings log;
  /// Sessions at once.
  size_t sessions_limit = 100'000;
  /// Nodes at once that these are with.
  size_t connections_limit = 100'000;
  wall_clock clock = system_wall_clock();
  /// Names a cluster that is founded; unset: 32 random hex digits.
  std::function<std::string()> new_cluster_id;
  /// Called when the node cannot go on (disk failed, log unreadable), from any
  /// thread: it has to end the process.
  std::function<void(const status&)> on_failure;
};

/// The actors of a master node. Ending the master ends them all.
struct master_node {
  master_actor master;
  allocator_actor allocator;
  log_replica_actor log;
  /// To be published on the node's port.
  gateway_actor gateway;
  std::string cluster_id;
  epoch own_epoch;
};

/// Recovers the cluster's state from the log in `data` (founds a cluster if
/// there is none), and spawns the actors. Every start is a new term.
/// @returns errc::store_corrupt or errc::version_mismatch, naming path or key;
///          what single_member_log::open fails with.
result<master_node> spawn_master_node(caf::actor_system& system,
                                      std::shared_ptr<store> data,
                                      master_node_options options);

} // namespace agora
