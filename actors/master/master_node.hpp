// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/interfaces.hpp"
#include "actors/master/master_settings.hpp"
#include "actors/session/session_machine.hpp"
#include "runtime/base/wall_clock.hpp"
#include "storage/cluster/cluster_state.hpp"
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

/// The actors of a master node. Ending the master ends them all, and the
/// allocator that it has while it leads.
struct master_node {
  master_actor master;
  log_replica_actor log;
  /// To be published on the node's port.
  gateway_actor gateway;
  /// Empty if this node belongs to none yet.
  std::string cluster_id;
  /// Zero unless it leads from the start.
  epoch own_epoch;
};

/// A log that is open, the state that its owner begins with, and how its
/// replica is spawned.
struct opened_log {
  /// With everything applied that is known to be committed.
  cluster_state state;
  uint64_t applied_index = 0;
  /// The replica tells `owner` who leads, hands it what is committed behind
  /// `applied_index`, and installs states by itself.
  std::function<log_replica_actor(caf::actor_system& system,
                                  const log_owner_actor& owner)>
    spawn_replica;
  /// Whether the node serves sessions of other replicas.
  bool has_peers = false;
};

/// Loads the state that `log` has stored, and applies what was committed and
/// not applied when the node ended.
/// @returns errc::store_corrupt or errc::version_mismatch, naming path or key.
result<cluster_state> recover_state(replicated_log& log,
                                    const cluster_limits& limits);

/// Spawns a master node's actors. The master is a standby until its log says
/// that it leads.
/// @param standing What the gateway says until then.
master_node spawn_master_actors(caf::actor_system& system, opened_log log,
                                const master_node_options& options,
                                node_standing standing = {});

/// A master that is alone: recovers the cluster's state from the log in `data`
/// (founds a cluster if there is none), spawns the actors, and leads at once.
/// Every start is a new term.
/// @returns as recover_state; what single_member_log::open fails with.
result<master_node> spawn_master_node(caf::actor_system& system,
                                      std::shared_ptr<store> data,
                                      master_node_options options);

} // namespace agora
