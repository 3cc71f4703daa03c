// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agorad/agent_node.hpp"

#include "actors/agent/spawn_agent.hpp"
#include "actors/gateway/gateway_actor.hpp"
#include "runtime/messaging/tcp_gate.hpp"
#include "runtime/messaging/tcp_link_actor.hpp"
#include "runtime/node/command_line.hpp"
#include "runtime/resources/attributes.hpp"
#include "runtime/resources/detect.hpp"
#include "runtime/resources/resources_codec.hpp"
#include "runtime/resources/resources_text.hpp"
#include "storage/store/rocksdb_store.hpp"
#include "tools/agorad/node_end.hpp"
#include "tools/agorad/software.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <memory>
#include <unistd.h>

namespace agora {

namespace {

// A custom executor may run for each task, and each keeps a session.
constexpr uint32_t agent_connections = 1'024;

// Where other machines reach this node.
node_address advertised_address(const agent_node_settings& settings,
                                uint16_t port) {
  const auto& common = settings.common;
  if (common.advertise)
    return *common.advertise;
  if (common.listen.host != "0.0.0.0" && common.listen.host != "::")
    return {common.listen.host, port};
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return {name.data(), port};
}

// Where executors, which run on this machine, reach it.
node_address local_address(const node_address& listen, uint16_t port) {
  if (listen.host == "0.0.0.0")
    return {"127.0.0.1", port};
  if (listen.host == "::")
    return {"::1", port};
  return {listen.host, port};
}

result<agent_options> make_options(const agent_node_settings& settings,
                                   const std::filesystem::path& work_dir,
                                   uint16_t port) {
  auto host = detect_host(work_dir);
  if (!host)
    return host.error();
  auto offered = agent_resources(settings.resources, *host);
  if (!offered)
    return fail(errc::invalid_config, "resources: " + text_of(offered.error()));
  auto attributes = parse_attributes(settings.attributes);
  if (!attributes)
    return fail(errc::invalid_config,
                "attributes: " + text_of(attributes.error()));
  agent_options options;
  options.masters = settings.masters;
  options.work_dir = work_dir;
  auto address = advertised_address(settings, port);
  options.info.set_hostname(address.host);
  options.info.set_port(address.port);
  *options.info.mutable_resources() = resources_to_wire(*offered);
  *options.info.mutable_attributes() = std::move(*attributes);
  options.software = software_name("agorad agent");
  options.own_address = local_address(settings.common.listen, port);
  options.timeouts = settings.timeouts;
  options.gc = settings.gc;
  spdlog::info("agent offers resources=\"{}\"", to_string(*offered));
  return options;
}

gateway_options make_gateway_options(const agent_actor& agent,
                                     const std::string& software) {
  gateway_options options;
  options.admission.software = software;
  options.admission.kinds = {session::EXECUTOR, session::TOOL};
  options.services[session::EXECUTOR]
    = bind_owner<session::ExecutorToAgent>(agent);
  options.services[session::TOOL] = bind_owner<session::ToolRequests>(agent);
  return options;
}

result<running_node> start(const agent_node_settings& settings,
                           const std::filesystem::path& work_dir, uint16_t port,
                           std::unique_ptr<store>& disk,
                           caf::actor_system& system, node_control& control) {
  auto options = make_options(settings, work_dir, port);
  if (!options)
    return options.error();
  rocksdb_settings disk_settings;
  disk_settings.kind = "agent";
  auto opened = open_rocksdb_store((work_dir / "data").string(), disk_settings);
  if (!opened)
    return opened.error();
  disk = std::move(*opened);
  auto link = system.spawn(tcp_link, tcp_link_options{});
  auto seams = make_agent_seams(system, *options, link);
  if (!seams)
    return seams.error();
  seams->checkpoints = disk.get();
  seams->writer
    = spawn_checkpoint_writer(system, *disk, [&control](const status& why) {
        control.fail_node(why);
      });
  auto writer = seams->writer;
  auto software = options->software;
  auto agent = spawn_agent(system, std::move(*options), std::move(*seams));
  if (!agent)
    return agent.error();
  end_with_actor(control, *agent);
  auto entrance = system.spawn(gateway, make_gateway_options(*agent, software));
  const auto& host = settings.common.listen.host;
  auto open = open_gate(system, entrance, host, port);
  if (!open)
    return open.error();
  spdlog::info("agent up listen={} work_dir={}",
               to_string(node_address{host, *open}), work_dir.string());
  running_node node;
  node.shut_down
    = [&system, link, writer, agent = *agent, entrance, port = *open] {
        close_gate(system, entrance, port);
        caf::anon_send_exit(entrance, caf::exit_reason::user_shutdown);
        caf::anon_send(agent, agent_stop{});
        caf::anon_send_exit(link, caf::exit_reason::user_shutdown);
        caf::anon_send_exit(writer, caf::exit_reason::user_shutdown);
      };
  return node;
}

} // namespace

void add_agent_options(command& cmd, agent_node_settings& settings) {
  auto& timeouts = settings.timeouts;
  cmd.option("--master", settings.masters,
             "masters of the cluster, HOST:PORT[,HOST:PORT...]");
  add_cluster_node_options(cmd, settings.common, "agent",
                           "checkpoints and sandboxes",
                           "executors and the admin tool");
  cmd.option("--resources", settings.resources,
             "what to offer, as cpus:4;mem:1024;ports:[31000-32000]; what is "
             "not named is detected");
  cmd.option("--attributes", settings.attributes,
             "what the machine is, as rack:r1;ssd:true");
  cmd.option("--executor-registration-timeout", timeouts.executor_registration,
             "for a custom executor to subscribe after its start");
  cmd.option("--executor-reregistration-timeout",
             timeouts.executor_reregistration,
             "for custom executors to come back after a restart of the agent");
  cmd.option("--executor-shutdown-grace", timeouts.executor_shutdown_grace,
             "for an executor to end when it is told to");
  cmd.option("--executor-recovery-timeout", timeouts.executor_recovery,
             "how long executors live on without their agent");
  cmd.option("--kill-grace", timeouts.kill_grace,
             "between SIGTERM and SIGKILL, unless the task names its own");
  cmd.option("--sandbox-age", settings.gc.age,
             "how long sandboxes of ended tasks are kept");
  cmd.option("--sandbox-disk-headroom", settings.gc.disk_headroom,
             "fraction of the disk to keep free by removing them earlier");
  add_node_options(cmd, settings.common.node);
  cmd.accept_config_file();
}

int run_agent_node(agent_node_settings settings) {
  settings.common.node.program = "agorad agent";
  settings.common.node.connections = agent_connections;
  // Lives until every actor has ended.
  std::unique_ptr<store> disk;
  return run_cluster_node(
    settings.common, "agent",
    [&](const std::filesystem::path& work_dir, uint16_t port,
        caf::actor_system& system, node_control& control) {
      return start(settings, work_dir, port, disk, system, control);
    });
}

} // namespace agora
