// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agorad/master_node.hpp"

#include "actors/master/master_node.hpp"
#include "actors/replication/replica_options.hpp"
#include "runtime/messaging/tcp_gate.hpp"
#include "runtime/node/command_line.hpp"
#include "runtime/node/descriptor_limit.hpp"
#include "storage/consensus/configuration.hpp"
#include "storage/store/rocksdb_store.hpp"
#include "tools/agorad/node_end.hpp"
#include "tools/agorad/software.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <memory>

namespace agora {

namespace {

rocksdb_settings disk_settings_of(const master_node_settings& settings) {
  rocksdb_settings disk;
  disk.kind = "master";
  disk.block_cache_bytes = settings.block_cache.bytes;
  disk.write_buffer_bytes = settings.write_buffer.bytes;
  return disk;
}

size_t connections_of(const master_node_settings& settings) {
  if (settings.max_connections)
    return *settings.max_connections;
  // run_node has raised it already, or has said that it cannot.
  auto descriptors = raise_descriptor_limit();
  return descriptors ? connections_within(*descriptors, most_connections)
                     : most_connections;
}

/// @returns errc::invalid_config: this master is at another address than its
///          peers are told.
result<replica_options> replica_of(const master_node_settings& settings,
                                   const node_address& own) {
  if (settings.id == 0)
    return fail(errc::invalid_config, "id: at least 1");
  if (settings.peers.size() > configuration::members_limit)
    return fail(errc::invalid_config,
                "peers: at most "
                  + std::to_string(configuration::members_limit));
  replica_options replica;
  replica.number = settings.id;
  replica.address = own;
  replica.bootstrap = settings.bootstrap;
  for (auto& peer : settings.peers)
    if (peer.number != settings.id)
      replica.peers.push_back(peer);
    else if (peer.address != own)
      return fail(errc::invalid_config,
                  "peers: master " + std::to_string(peer.number) + " is this "
                    + "one, which others reach at " + to_string(own)
                    + " and not at " + to_string(peer.address)
                    + "; see --listen and --advertise");
  replica.software = software_name("agorad master");
  return replica;
}

result<running_node> start(const master_node_settings& settings,
                           const std::filesystem::path& work_dir, uint16_t port,
                           std::shared_ptr<store>& disk,
                           caf::actor_system& system, node_control& control) {
  if (settings.max_sessions == 0)
    return fail(errc::invalid_config, "max-sessions: at least 1");
  if (settings.max_connections == 0u)
    return fail(errc::invalid_config, "max-connections: at least 1");
  const auto& host = settings.common.listen.host;
  auto own = settings.common.advertise.value_or(node_address{host, port});
  auto replica = replica_of(settings, own);
  if (!replica)
    return replica.error();
  auto data = settings.data.empty() ? work_dir / "data" : settings.data;
  auto opened = open_rocksdb_store(data.string(), disk_settings_of(settings));
  if (!opened)
    return opened.error();
  disk = std::move(*opened);
  auto link = system.spawn(tcp_link, tcp_link_options{});
  replica->link = link;
  master_node_options options;
  options.replica = std::move(*replica);
  options.restored = settings.restored;
  options.settings = settings.master;
  options.settings.software = software_name("agorad master");
  options.settings.address = std::move(own);
  options.sessions_limit = settings.max_sessions;
  auto connections = connections_of(settings);
  options.connections_limit = connections;
  // A silent peer is noticed in time for its agent timeout to be kept, and a
  // peer that is only slow is not.
  using std::chrono::milliseconds;
  auto patience
    = std::chrono::duration_cast<milliseconds>(settings.master.agent_timeout);
  options.sessions.ping_interval = std::max(patience / 5, milliseconds{1});
  options.sessions.silence_timeout
    = std::max(patience * 3 / 5, milliseconds{2});
  options.on_failure = [&control](const status& why) {
    control.fail_node(why);
  };
  auto node = spawn_master_node(system, disk, std::move(options));
  if (!node)
    return node.error();
  end_with_actor(control, node->master);
  auto open = open_gate(system, node->gateway, host, port);
  if (!open)
    return open.error();
  spdlog::info("master up listen={} id={} data={} max_sessions={} "
               "max_connections={}",
               to_string(node_address{host, *open}), settings.id, data.string(),
               settings.max_sessions, connections);
  running_node running;
  running.shut_down = [&system, link, node = std::move(*node), port = *open] {
    close_gate(system, node.gateway, port);
    constexpr auto reason = caf::exit_reason::user_shutdown;
    caf::anon_send_exit(node.gateway, reason);
    caf::anon_send_exit(node.master, reason);
    caf::anon_send_exit(node.log, reason);
    caf::anon_send_exit(link, reason);
  };
  return running;
}

} // namespace

void add_master_options(command& cmd, master_node_settings& settings) {
  auto& master = settings.master;
  add_cluster_node_options(cmd, settings.common, "master", "the log",
                           "agents, frameworks and the admin tool");
  cmd.option("--id", settings.id,
             "which of the cluster's masters this is: its number");
  cmd.option("--peers", settings.peers,
             "all masters of a cluster that is founded, with this one");
  cmd.flag("--bootstrap", settings.bootstrap,
           "found a cluster of these masters, if none of them belongs to one; "
           "one of them is told to");
  cmd.flag("--restored", settings.restored,
           "the data are those of an older copy: begin a new generation");
  cmd.option("--data", settings.data,
             "directory for the log's database, if not in the work directory");
  cmd.option("--offer-timeout", master.offer_timeout,
             "an offer that is not answered by then is rescinded; 0: never");
  cmd.option("--agent-timeout", master.agent_timeout,
             "an agent that is lost for this long is unreachable");
  cmd.option("--agent-reattach-timeout", master.agent_reattach_timeout,
             "for agents to come back after a start of the master");
  cmd.option("--framework-reattach-timeout", master.framework_reattach_timeout,
             "for frameworks to come back after a start of the master");
  cmd.option("--unreachable-per-second", master.unreachable_per_second,
             "agents that are marked unreachable in a second, at most");
  cmd.option("--default-refuse", master.default_refuse,
             "how long a decline without a filter keeps an agent from a "
             "framework");
  cmd.option("--max-sessions", settings.max_sessions,
             "agents, frameworks and tools connected at once");
  cmd.option("--max-connections", settings.max_connections,
             "nodes that these run on; by default as many as there are "
             "descriptors for, up to 100000");
  cmd.option("--block-cache", settings.block_cache,
             "memory for reading the log's database");
  cmd.option("--write-buffer", settings.write_buffer,
             "memory for writing it; up to three of these are in use");
  add_node_options(cmd, settings.common.node);
  cmd.accept_config_file();
}

int run_master_node(master_node_settings settings) {
  auto& node = settings.common.node;
  node.program = "agorad master";
  // Who was not told how many will come takes as many as there is room for.
  constexpr uint32_t expected_connections = 1'024;
  node.connections = settings.max_connections.value_or(expected_connections);
  if (settings.max_connections)
    node.connections_setting = "max-connections";
  // Lives until every actor has ended.
  std::shared_ptr<store> disk;
  return run_cluster_node(
    settings.common, "master",
    [&](const std::filesystem::path& work_dir, uint16_t port,
        caf::actor_system& system, node_control& control) {
      return start(settings, work_dir, port, disk, system, control);
    });
}

} // namespace agora
