// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agorad/master_node.hpp"

#include "actors/master/master_node.hpp"
#include "runtime/messaging/tcp_gate.hpp"
#include "runtime/node/command_line.hpp"
#include "runtime/node/descriptor_limit.hpp"
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

result<running_node> start(const master_node_settings& settings,
                           const std::filesystem::path& work_dir, uint16_t port,
                           std::shared_ptr<store>& disk,
                           caf::actor_system& system, node_control& control) {
  if (settings.max_sessions == 0)
    return fail(errc::invalid_config, "max-sessions: at least 1");
  if (settings.max_connections == 0u)
    return fail(errc::invalid_config, "max-connections: at least 1");
  auto opened = open_rocksdb_store((work_dir / "data").string(),
                                   disk_settings_of(settings));
  if (!opened)
    return opened.error();
  disk = std::move(*opened);
  const auto& host = settings.common.listen.host;
  master_node_options options;
  options.settings = settings.master;
  options.settings.software = software_name("agorad master");
  options.settings.address
    = settings.common.advertise.value_or(node_address{host, port});
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
  spdlog::info("master up listen={} work_dir={} cluster={} "
               "max_sessions={} max_connections={}",
               to_string(node_address{host, *open}), work_dir.string(),
               node->cluster_id, settings.max_sessions, connections);
  running_node running;
  running.shut_down = [&system, node = std::move(*node), port = *open] {
    close_gate(system, node.gateway, port);
    constexpr auto reason = caf::exit_reason::user_shutdown;
    caf::anon_send_exit(node.gateway, reason);
    caf::anon_send_exit(node.master, reason);
    caf::anon_send_exit(node.log, reason);
  };
  return running;
}

} // namespace

void add_master_options(command& cmd, master_node_settings& settings) {
  auto& master = settings.master;
  add_cluster_node_options(cmd, settings.common, "master", "the log",
                           "agents, frameworks and the admin tool");
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
