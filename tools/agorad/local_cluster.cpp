// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agorad/local_cluster.hpp"

#include "runtime/node/command_line.hpp"
#include "runtime/node/node_program.hpp"
#include "tools/agorad/child.hpp"
#include "tools/agorad/work_directory.hpp"

#include <cstdio>

namespace agora {

namespace {

// Each agent offers ports of its own: all of them are on one machine.
constexpr uint32_t first_port = 31'000;
constexpr uint32_t ports_per_agent = 600;

// Adds the ports unless the user has said which.
std::string resources_of_agent(const std::string& setting, uint32_t number) {
  if (setting.find("ports") != std::string::npos)
    return setting;
  auto begin = first_port + number * ports_per_agent;
  auto ports = "ports:[" + std::to_string(begin) + "-"
               + std::to_string(begin + ports_per_agent - 1) + "]";
  return setting.empty() ? ports : setting + ";" + ports;
}

supervised_part part_of(const std::string& name,
                        const std::filesystem::path& work_dir,
                        std::vector<std::string> arguments,
                        const local_settings& settings) {
  for (auto more : {std::string{"--work-dir"}, (work_dir / name).string(),
                    std::string{"--log-level"}, settings.log_level,
                    std::string{"--end-with-parent"}})
    arguments.push_back(std::move(more));
  if (settings.insecure_listen)
    arguments.emplace_back("--insecure-listen");
  return {name, std::move(arguments), (work_dir / (name + ".log")).string()};
}

int refuse(const status& why) {
  std::fprintf(stderr, "agorad local: %s\n", text_of(why).c_str());
  return code_of(why) == errc::invalid_config ? exit_usage : exit_failed;
}

} // namespace

void add_local_options(command& cmd, local_settings& settings) {
  cmd.option("--agents", settings.agents, "how many agents");
  cmd.option("--masters", settings.masters,
             "how many masters: three survive the loss of one");
  cmd.option("--work-dir", settings.work_dir,
             "directory for everything: data, sandboxes, logs");
  cmd.option(
    "--listen", settings.listen,
    "address of the master, or of the first one; port 0: the one of the "
    "last time, or any");
  cmd.flag("--insecure-listen", settings.insecure_listen,
           "allow an address that other machines reach");
  cmd.option("--resources", settings.resources,
             "what each agent offers, as cpus:4;mem:1024; what is not named is "
             "detected");
  cmd.choice("--log-level", settings.log_level,
             {"error", "warn", "info", "debug"},
             "the least important lines to log");
  cmd.flag("--end-with-parent", settings.end_with_parent,
           "end when the process that started this one ends");
  cmd.accept_config_file();
}

std::vector<supervised_part>
local_parts(const local_settings& settings,
            const std::filesystem::path& work_dir,
            const std::vector<node_address>& masters) {
  std::vector<supervised_part> parts;
  std::string addresses;
  std::string peers;
  for (uint32_t i = 0; i < masters.size(); ++i) {
    auto comma = i == 0 ? "" : ",";
    addresses += comma + to_string(masters[i]);
    peers += comma + to_string(numbered_address{i + 1, masters[i]});
  }
  for (uint32_t i = 0; i < masters.size(); ++i) {
    auto number = std::to_string(i + 1);
    std::vector<std::string> arguments{
      "master",  "--listen", to_string(masters[i]), "--id", number,
      "--peers", peers};
    // It does so once: later it finds the cluster founded.
    if (i == 0)
      arguments.emplace_back("--bootstrap");
    parts.push_back(part_of(masters.size() == 1 ? "master" : "master-" + number,
                            work_dir, std::move(arguments), settings));
  }
  // The agents are on the same machine, and listen beside the masters.
  node_address beside{masters.front().host, 0};
  for (uint32_t i = 0; i < settings.agents; ++i)
    parts.push_back(
      part_of("agent-" + std::to_string(i + 1), work_dir,
              {"agent", "--master", addresses, "--listen", to_string(beside),
               "--resources", resources_of_agent(settings.resources, i)},
              settings));
  return parts;
}

namespace {

/// The first master is where the user says, and the others are behind it, or
/// wherever there is room.
result<std::vector<node_address>>
master_addresses(const local_settings& settings,
                 const std::filesystem::path& work_dir) {
  std::vector<node_address> masters;
  auto& listen = settings.listen;
  for (uint32_t i = 0; i < settings.masters; ++i) {
    auto note
      = i == 0 ? work_dir : work_dir / ("master-" + std::to_string(i + 1));
    if (i > 0)
      if (auto made = make_work_directory(note); !made)
        return std::move(made.error());
    auto asked = listen.port == 0 ? 0u : listen.port + i;
    if (asked > UINT16_MAX)
      return fail(errc::invalid_config,
                  "--listen: there are not enough ports behind "
                    + std::to_string(listen.port));
    auto port = choose_port(note, listen.host, static_cast<uint16_t>(asked));
    if (!port)
      return std::move(port.error());
    masters.push_back({listen.host, *port});
  }
  return masters;
}

} // namespace

int run_local_cluster(const local_settings& settings) {
  supervisor::block_signals();
  if (settings.agents > local_agents_limit)
    return refuse(
      fail(errc::invalid_config,
           "--agents: at most " + std::to_string(local_agents_limit)));
  if (settings.masters == 0 || settings.masters > local_masters_limit)
    return refuse(
      fail(errc::invalid_config,
           "--masters: from 1 to " + std::to_string(local_masters_limit)));
  if (auto err
      = check_listen_host(settings.listen.host, settings.insecure_listen))
    return refuse(err);
  auto work_dir = make_work_directory(
    settings.work_dir.empty() ? default_work_dir("local") : settings.work_dir);
  if (!work_dir)
    return refuse(work_dir.error());
  auto lock = directory_lock::take(*work_dir);
  if (!lock)
    return refuse(lock.error());
  auto masters = master_addresses(settings, *work_dir);
  if (!masters)
    return refuse(masters.error());
  if (settings.end_with_parent && !end_with_parent())
    return refuse(fail(errc::shutting_down, "the parent has ended already"));
  adopt_orphans();
  std::string where;
  for (auto& master : *masters)
    where += (where.empty() ? "" : ",") + to_string(master);
  std::fprintf(stderr,
               "agorad local: %s on %s and %u agents, data in %s; Ctrl-C ends "
               "them\n",
               masters->size() == 1
                 ? "a master"
                 : (std::to_string(masters->size()) + " masters").c_str(),
               where.c_str(), settings.agents, work_dir->c_str());
  return supervisor{local_parts(settings, *work_dir, *masters)}.run();
}

} // namespace agora
