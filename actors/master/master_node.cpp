// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/master_node.hpp"

#include "actors/allocator/allocator_actor.hpp"
#include "actors/gateway/gateway_actor.hpp"
#include "actors/master/master_actor.hpp"
#include "actors/replication/log_replica_actor.hpp"
#include "storage/log/single_member_log.hpp"

#include <spdlog/spdlog.h>

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

result<cluster_state> load_state(const replicated_log& log,
                                 const cluster_limits& limits) {
  auto source = [&log](const cluster_state::record_visitor& visitor) {
    status bad;
    auto index
      = log.for_each_state([&](std::string_view key, std::string_view value) {
          bad = visitor(key, value);
          return bad ? visit::stop : visit::more;
        });
    if (!bad && !index)
      bad = std::move(index.error());
    return bad;
  };
  return cluster_state::load(source, limits);
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
      auto applied = state.apply(entry, changes);
      if (!applied)
        return fail(code_of(applied.error()),
                    "log entry " + std::to_string(entry.index) + ": "
                      + text_of(applied.error()));
      if (changes.bytes() < bytes_per_applied && &entry != &entries->back())
        continue;
      if (auto bad = log.applied(entry.index, std::exchange(changes, {})))
        return bad;
    }
  }
}

gateway_options gateway_for(const master_node_options& options,
                            const master_node& node) {
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
  return gate;
}

} // namespace

result<master_node> spawn_master_node(caf::actor_system& system,
                                      std::shared_ptr<store> data,
                                      master_node_options options) {
  auto log = single_member_log::open(std::move(data), log_name, options.log);
  if (!log)
    return std::move(log.error());
  auto state = load_state(**log, options.limits);
  if (!state)
    return std::move(state.error());
  if (auto bad = replay(**log, *state))
    return bad;
  master_node node;
  node.own_epoch = (*log)->current_epoch();
  node.cluster_id = state->cluster_id();
  if (node.cluster_id.empty())
    node.cluster_id
      = options.new_cluster_id ? options.new_cluster_id() : random_cluster_id();
  spdlog::info("master leads cluster={} epoch={} applied={} agents={} "
               "frameworks={} tasks={}",
               node.cluster_id, to_string(node.own_epoch),
               (*log)->applied_index(), state->agent_count(),
               state->framework_count(), state->counts().total());
  master_begin begin;
  begin.settings = options.settings;
  begin.state = std::make_shared<cluster_state>(std::move(*state));
  begin.own_epoch = node.own_epoch;
  begin.cluster_id = node.cluster_id;
  begin.clock = options.clock;
  begin.on_failure = options.on_failure;
  node.master = system.spawn(master, std::move(begin));
  node.log = system.spawn(log_replica, std::move(*log),
                          log_owner_actor{node.master}, options.on_failure);
  node.allocator = system.spawn(allocator, offer_sender_actor{node.master});
  node.gateway = system.spawn(gateway, gateway_for(options, node));
  caf::anon_send(node.master, master_companions{node.log, node.allocator});
  // Without a gateway nobody would ever come in again.
  node.gateway->add_link(caf::actor_cast<caf::abstract_actor*>(node.master));
  return node;
}

} // namespace agora
