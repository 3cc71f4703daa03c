// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agorad/master_node.hpp"

#include "actors/master/master_node.hpp"
#include "runtime/messaging/tcp_gate.hpp"
#include "runtime/node/command_line.hpp"
#include "storage/store/rocksdb_store.hpp"
#include "tools/agorad/child.hpp"
#include "tools/agorad/node_end.hpp"
#include "tools/agorad/software.hpp"
#include "tools/agorad/work_directory.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <memory>

namespace agora {

namespace {

// What must live until every actor has ended.
struct master_ground {
  std::filesystem::path work_dir;
  std::shared_ptr<store> disk;
};

rocksdb_settings disk_settings_of(const master_node_settings& settings) {
  rocksdb_settings disk;
  disk.kind = "master";
  disk.block_cache_bytes = settings.block_cache.bytes;
  disk.write_buffer_bytes = settings.write_buffer.bytes;
  return disk;
}

result<running_node> start(const master_node_settings& settings,
                           master_ground& ground, caf::actor_system& system,
                           node_control& control) {
  const auto& host = settings.listen.host;
  auto port = choose_port(ground.work_dir, host, settings.listen.port);
  if (!port)
    return port.error();
  auto disk = open_rocksdb_store((ground.work_dir / "data").string(),
                                 disk_settings_of(settings));
  if (!disk)
    return disk.error();
  ground.disk = std::move(*disk);
  master_node_options options;
  options.settings = settings.master;
  options.settings.software = software_name("agorad master");
  options.settings.address
    = settings.advertise.value_or(node_address{host, *port});
  options.sessions_limit = settings.max_sessions;
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
  auto node = spawn_master_node(system, ground.disk, std::move(options));
  if (!node)
    return node.error();
  end_with_actor(control, node->master);
  auto open = open_gate(system, node->gateway, host, *port);
  if (!open)
    return open.error();
  spdlog::info("master up listen={} work_dir={} cluster={}",
               to_string(node_address{host, *open}), ground.work_dir.string(),
               node->cluster_id);
  running_node running;
  running.shut_down = [&system, node = std::move(*node), port = *open] {
    close_gate(system, node.gateway, port);
    constexpr auto reason = caf::exit_reason::user_shutdown;
    caf::anon_send_exit(node.gateway, reason);
    caf::anon_send_exit(node.master, reason);
    caf::anon_send_exit(node.allocator, reason);
    caf::anon_send_exit(node.log, reason);
  };
  return running;
}

} // namespace

void add_master_options(command& cmd, master_node_settings& settings) {
  auto& master = settings.master;
  cmd.option("--work-dir", settings.work_dir, "directory for the log");
  cmd.option("--listen", settings.listen,
             "address for agents, frameworks and the admin tool; port 0: the "
             "one of the last time, or any");
  cmd.option("--advertise", settings.advertise,
             "address under which others reach this master, if it differs");
  cmd.flag("--insecure-listen", settings.insecure_listen,
           "allow an address that other machines reach");
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
  cmd.option("--block-cache", settings.block_cache,
             "memory for reading the log's database");
  cmd.option("--write-buffer", settings.write_buffer,
             "memory for writing it; up to three of these are in use");
  cmd.flag("--end-with-parent", settings.end_with_parent,
           "end when the process that started this one ends");
  add_node_options(cmd, settings.node);
  cmd.accept_config_file();
}

int run_master_node(master_node_settings settings) {
  settings.node.program = "agorad master";
  // Below the limit of sessions a master serves those that come first.
  constexpr uint32_t expected_connections = 1'024;
  settings.node.connections
    = std::min(settings.max_sessions, expected_connections);
  // Outside run_node: it ends after every actor.
  master_ground ground;
  return run_node(
    settings.node,
    [&](caf::actor_system& system,
        node_control& control) -> result<running_node> {
      if (settings.end_with_parent && !end_with_parent())
        return fail(errc::shutting_down, "the parent has ended already");
      if (auto err
          = check_listen_host(settings.listen.host, settings.insecure_listen))
        return err;
      auto work_dir = make_work_directory(settings.work_dir.empty()
                                            ? default_work_dir("master")
                                            : settings.work_dir);
      if (!work_dir)
        return work_dir.error();
      ground.work_dir = std::move(*work_dir);
      return start(settings, ground, system, control);
    });
}

} // namespace agora
