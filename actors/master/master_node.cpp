// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/master_node.hpp"

#include "actors/allocator/allocator_actor.hpp"
#include "actors/gateway/gateway_actor.hpp"
#include "actors/master/master_actor.hpp"
#include "actors/master/stored_state.hpp"
#include "actors/replication/log_replica_actor.hpp"
#include "storage/log/replicated_log.hpp"

#include <memory>
#include <random>
#include <string>
#include <utility>

namespace agora {

namespace {

constexpr const char* log_name = "cluster";

/// Random: two clusters founded at the same moment must differ.
std::string random_cluster_id() {
  std::random_device entropy;
  std::string id;
  constexpr std::string_view digits = "0123456789abcdef";
  for (int i = 0; i < 4; ++i)
    for (auto word = entropy(), nibble = 0u; nibble < 8; ++nibble, word >>= 4)
      id += digits[word & 0xf];
  return id;
}

gateway_options gateway_for(const master_node_options& options,
                            const master_node& node,
                            const std::string& cluster_id) {
  gateway_options gate;
  gate.admission.cluster_id = cluster_id;
  gate.admission.software = options.settings.software;
  gate.admission.sessions_limit = options.sessions_limit;
  gate.admission.connections_limit = options.connections_limit;
  gate.limits = options.sessions;
  gate.services[session::AGENT]
    = bind_owner<session::AgentToMaster>(node.master);
  // Frameworks and people are few and wait; behind ten thousand agents that
  // attach at once they would for seconds.
  constexpr auto high = caf::message_priority::high;
  gate.services[session::SCHEDULER]
    = bind_owner<session::SchedulerToMaster, high>(node.master);
  gate.services[session::TOOL]
    = bind_owner<session::ToolRequests, high>(node.master);
  // The other masters wait for nobody's proposals.
  gate.services[session::REPLICA]
    = bind_owner<session::ReplicaMessages, high>(node.log);
  return gate;
}

} // namespace

result<master_node> spawn_master_node(caf::actor_system& system,
                                      std::shared_ptr<store> data,
                                      master_node_options options) {
  auto seed
    = options.election_seed ? *options.election_seed : std::random_device{}();
  auto opened
    = replicated_log::open(std::move(data), log_name, options.log, seed);
  if (!opened)
    return std::move(opened.error());
  std::shared_ptr<replicated_log> log{std::move(*opened)};
  if (auto bad = check_replica(options.replica.number, *log))
    return bad;
  auto state = load_stored_state(*log, options.limits);
  if (!state)
    return std::move(state.error());
  master_begin begin;
  begin.settings = options.settings;
  begin.state = std::make_shared<cluster_state>(std::move(*state));
  begin.applied_index = log->applied_index();
  begin.new_allocator = [&system](const master_actor& owner) {
    return system.spawn(allocator, offer_sender_actor{owner});
  };
  begin.restored = options.restored;
  begin.clock = options.clock;
  begin.on_failure = options.on_failure;
  auto cluster_id = log->cluster_id();
  auto& replica = options.replica;
  replica.on_failure = options.on_failure;
  if (!replica.new_cluster_id)
    replica.new_cluster_id = random_cluster_id;
  master_node node;
  node.master = system.spawn(master, std::move(begin));
  node.log = system.spawn(log_replica, std::move(replica), std::move(log),
                          log_owner_actor{node.master});
  auto gate = system.spawn(gateway, gateway_for(options, node, cluster_id));
  caf::anon_send(node.master, master_companions{node.log, gate});
  // Without a gateway nobody would ever come in again.
  gate->add_link(caf::actor_cast<caf::abstract_actor*>(node.master));
  node.gateway = std::move(gate);
  return node;
}

} // namespace agora
