// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/master_node.hpp"

#include "actors/allocator/allocator_actor.hpp"
#include "actors/gateway/gateway_actor.hpp"
#include "actors/master/entry_application.hpp"
#include "actors/master/master_actor.hpp"
#include "actors/master/stored_state.hpp"
#include "actors/replication/log_replica_actor.hpp"
#include "storage/log/single_member_log.hpp"

#include <array>
#include <random>

namespace agora {

namespace {

/// Entries read at once while the log is replayed.
constexpr size_t replay_batch = 1'024;

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

status apply(cluster_state& state, const log_entry& entry,
             write_batch& changes) {
  if (entry.kind != entry_kind::command)
    return {};
  return apply_entry(state, entry, changes, [](auto&, auto&) {});
}

/// Applies what was committed and not applied when the node ended.
status replay(replicated_log& log, cluster_state& state) {
  for (;;) {
    auto entries = log.take_committed(replay_batch);
    if (!entries)
      return std::move(entries.error());
    if (entries->empty())
      return {};
    write_batch changes;
    for (auto& entry : *entries) {
      if (auto bad = apply(state, entry, changes))
        return fail(code_of(bad), "log entry " + std::to_string(entry.index)
                                    + ": " + text_of(bad));
      if (changes.bytes() < bytes_per_applied && &entry != &entries->back())
        continue;
      if (auto bad = log.applied(entry.index, std::exchange(changes, {})))
        return bad;
    }
  }
}

gateway_options gateway_for(const master_node_options& options,
                            const master_node& node, bool has_peers) {
  gateway_options gate;
  gate.admission.cluster_id = node.cluster_id;
  gate.admission.software = options.settings.software;
  gate.admission.sessions_limit = options.sessions_limit;
  gate.admission.connections_limit = options.connections_limit;
  gate.own_epoch = node.own_epoch;
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
  if (has_peers)
    gate.services[session::REPLICA]
      = bind_owner<session::ReplicaMessages, high>(node.log);
  return gate;
}

} // namespace

result<cluster_state> recover_state(replicated_log& log,
                                    const cluster_limits& limits) {
  auto state = load_stored_state(
    [&log](const store_visitor& visitor) -> status {
      auto index = log.for_each_state(visitor);
      return index ? status{} : std::move(index.error());
    },
    limits);
  if (!state)
    return state;
  if (auto bad = replay(log, *state))
    return bad;
  return state;
}

master_node spawn_master_actors(caf::actor_system& system, opened_log log,
                                const master_node_options& options,
                                node_standing standing) {
  master_node node;
  node.cluster_id = log.state.cluster_id();
  if (node.cluster_id.empty())
    node.cluster_id = std::move(standing.cluster_id);
  node.own_epoch = standing.own_epoch;
  master_begin begin;
  begin.settings = options.settings;
  begin.state = std::make_shared<cluster_state>(std::move(log.state));
  begin.applied_index = log.applied_index;
  begin.new_allocator = [&system](const master_actor& owner) {
    return system.spawn(allocator, offer_sender_actor{owner});
  };
  begin.clock = options.clock;
  begin.on_failure = options.on_failure;
  node.master = system.spawn(master, std::move(begin));
  node.log = log.spawn_replica(system, log_owner_actor{node.master});
  auto gate = system.spawn(gateway, gateway_for(options, node, log.has_peers));
  caf::anon_send(node.master, master_companions{node.log, gate});
  // Without a gateway nobody would ever come in again.
  gate->add_link(caf::actor_cast<caf::abstract_actor*>(node.master));
  node.gateway = std::move(gate);
  return node;
}

result<master_node> spawn_master_node(caf::actor_system& system,
                                      std::shared_ptr<store> data,
                                      master_node_options options) {
  auto log = single_member_log::open(std::move(data), log_name, options.log);
  if (!log)
    return std::move(log.error());
  auto state = recover_state(**log, options.limits);
  if (!state)
    return std::move(state.error());
  auto own = (*log)->current_epoch();
  node_standing standing{state->cluster_id(), own};
  if (standing.cluster_id.empty())
    standing.cluster_id
      = options.new_cluster_id ? options.new_cluster_id() : random_cluster_id();
  opened_log opened{std::move(*state), (*log)->applied_index(), {}};
  // std::function copies what it holds.
  auto member
    = std::make_shared<std::unique_ptr<replicated_log>>(std::move(*log));
  opened.spawn_replica = [member, &options](caf::actor_system& where,
                                            const log_owner_actor& owner) {
    return where.spawn(log_replica, std::move(*member), owner,
                       options.on_failure);
  };
  auto node = spawn_master_actors(system, std::move(opened), options, standing);
  // Who is alone has no one to ask.
  caf::anon_send(node.master,
                 log_leadership{own.term, true, {}, standing.cluster_id});
  return node;
}

} // namespace agora
