// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/interfaces.hpp"
#include "actors/master/master_settings.hpp"
#include "actors/replication/replica_options.hpp"
#include "actors/session/session_machine.hpp"
#include "runtime/base/wall_clock.hpp"
#include "storage/cluster/cluster_limits.hpp"
#include "storage/log/log_settings.hpp"
#include "storage/store/store.hpp"

#include <caf/fwd.hpp>

#include <functional>
#include <memory>
#include <optional>

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
  /// Its `on_failure` is this one's; `new_cluster_id`, if it is not set, makes
  /// 32 random hex digits.
  replica_options replica;
  /// The data are those of an older copy: the first time that this master leads
  /// begins a new generation, which tells what the lost future had from what
  /// comes now.
  bool restored = false;
  /// Where chance begins that decides when this member stands for election;
  /// unset: random.
  std::optional<uint64_t> election_seed;
  /// Called when the node cannot go on (disk failed, log unreadable), from any
  /// thread: it has to end the process.
  std::function<void(const status&)> on_failure;
};

/// The actors of a master node. Ending the master ends them all, and the
/// allocator that it has while it leads.
struct master_node {
  master_actor master;
  log_replica_actor log;
  /// To be published on the node's port.
  gateway_actor gateway;
};

/// Opens the log in `data`, recovers the cluster's state as it is stored there,
/// and spawns the actors. The master is a standby until its log says that it
/// leads; every time that it does is a new term.
/// @returns errc::store_corrupt or errc::version_mismatch, naming path or key;
///          errc::invalid_config: the directory is another master's.
result<master_node> spawn_master_node(caf::actor_system& system,
                                      std::shared_ptr<store> data,
                                      master_node_options options);

} // namespace agora
