// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/node/command_line.hpp"
#include "tools/agora-load/emulate.hpp"
#include "tools/agora-load/runs.hpp"

namespace {

using namespace agora;
using namespace agora::load;

/// The settings that all runs have.
void add_options(command& cmd, load_settings& settings) {
  cmd.flags_only();
  cmd.option("--agents", settings.agents, "how many agents, of 32 cpus each");
  cmd.option("--frameworks", settings.frameworks, "how many frameworks");
  cmd.option("--tasks", settings.tasks, "how many tasks, of 1 cpu each");
  cmd.option("--processes", settings.processes,
             "processes that emulate the agents");
  cmd.option("--connections", settings.connections,
             "connections of each of them to the master");
  cmd.option("--patience", settings.patience,
             "give up when nothing has changed for so long");
}

void add_masters(command& cmd, load_settings& settings) {
  cmd.option("--masters", settings.own_masters,
             "masters of the cluster that is started");
}

void add_address(command& cmd, load_settings& settings) {
  cmd.option("--master", settings.masters,
             "masters of the cluster, HOST:PORT[,HOST:PORT...]; without it, a "
             "cluster is started in a temporary directory");
}

} // namespace

int main(int argc, char** argv) {
  command_line line{"agora-load",
                    "Loads a cluster with emulated agents and frameworks, and "
                    "prints figures as one line of JSON."};

  load_settings launch;
  auto& launch_command = line.subcommand(
    "launch", "Launches tasks as fast as the cluster takes them.");
  add_options(launch_command, launch);
  add_address(launch_command, launch);
  add_masters(launch_command, launch);
  launch_command.option("--in-flight", launch.in_flight,
                        "tasks of one framework at once; 0: as many as fit");
  launch_command.flag("--real", launch.real,
                      "real agents and processes instead of emulated ones");
  launch_command.option("--command", launch.command,
                        "what each task runs, for the shell");
  launch_command.on_run([&] {
    return run_launch(launch);
  });

  load_settings hold;
  hold.agents = 10'000;
  auto& hold_command = line.subcommand(
    "hold", "Holds agents and running tasks; measures the master's memory.");
  add_options(hold_command, hold);
  add_address(hold_command, hold);
  hold_command.on_run([&] {
    return run_hold(hold);
  });

  load_settings restart;
  auto& restart_command = line.subcommand(
    "restart", "Kills the master of a cluster of its own while tasks run, and "
               "starts it again.");
  add_options(restart_command, restart);
  restart_command.on_run([&] {
    return run_restart(restart);
  });

  load_settings failover;
  failover.own_masters = 3;
  uint32_t rounds = 5;
  auto& failover_command = line.subcommand(
    "failover", "Kills the leading one of the masters of a cluster of its own "
                "while tasks run, again and again.");
  add_options(failover_command, failover);
  add_masters(failover_command, failover);
  failover_command.option("--rounds", rounds, "how often");
  failover_command.on_run([&] {
    return run_failover(failover, rounds);
  });

  emulate_settings emulate;
  auto& emulate_command = line.subcommand(
    "emulate", "Used by agora-load itself: emulates agents or frameworks as "
               "standard input says.");
  emulate_command.flags_only();
  add_emulate_options(emulate_command, emulate);
  emulate_command.on_run([&] {
    return run_emulate(emulate);
  });
  return line.run(argc, argv);
}
