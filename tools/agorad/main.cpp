// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/node/command_line.hpp"
#include "tools/agorad/agent_node.hpp"
#include "tools/agorad/local_cluster.hpp"
#include "tools/agorad/master_node.hpp"
#include "tools/agorad/software.hpp"

#include <cstdio>

int main(int argc, char** argv) {
  using namespace agora;
  command_line line{"agorad", "Runs a node of an Agora cluster."};

  master_node_settings master;
  auto& master_command
    = line.subcommand("master", "Runs a master: it knows the cluster's agents, "
                                "frameworks and tasks, and makes offers.");
  add_master_options(master_command, master);
  master_command.on_run([&] {
    return run_master_node(master);
  });

  agent_node_settings agent;
  auto& agent_command
    = line.subcommand("agent", "Runs an agent: it offers what its machine has, "
                               "and runs tasks.");
  add_agent_options(agent_command, agent);
  agent_command.on_run([&] {
    return run_agent_node(agent);
  });

  local_settings local;
  auto& local_command
    = line.subcommand("local", "Runs a whole cluster on this machine, one "
                               "process a node, and starts again what dies.");
  add_local_options(local_command, local);
  local_command.on_run([&] {
    return run_local_cluster(local);
  });

  line.version(software_name("agorad"));
  line.subcommand("version", "Prints the version.").on_run([] {
    std::puts(software_name("agorad").c_str());
    return 0;
  });
  return line.run(argc, argv);
}
