// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/spawn_agent.hpp"
#include "actors/master/master_node.hpp"
#include "actors/scheduler/framework_driver_actor.hpp"
#include "tests/simulation/framework_ledger.hpp"
#include "tests/simulation/log_checker.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/profile.hpp"
#include "tests/simulation/simulated_disk.hpp"
#include "tests/simulation/simulated_host.hpp"
#include "tests/simulation/world.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace agora::simulation {

/// The master's machine, disk, and present process.
struct simulated_master {
  machine_number machine = 0;
  std::shared_ptr<simulated_disk> disk;
  process_number process = no_process;
  std::optional<master_node> node;
};

/// One agent's machine, disk, and present process.
struct simulated_agent {
  std::string name;
  /// As text.
  std::string resources;
  machine_number machine = 0;
  std::unique_ptr<simulated_disk> disk;
  std::unique_ptr<simulated_host> host;
  process_number process = no_process;
  agent_actor actor;
  /// A copy of another one: it is not started again.
  bool is_clone = false;
  /// There is, or was, a copy of it.
  bool has_clone = false;
  /// The machine has no power.
  bool off = false;
};

/// A framework, and its present processes: usually one.
struct simulated_framework {
  struct life {
    process_number process = no_process;
    framework_driver_actor driver;
    /// It was started as a new framework, without an id.
    bool founds = false;
  };

  machine_number machine = 0;
  std::unique_ptr<framework_ledger> ledger;
  std::vector<life> lives;
};

/// A whole cluster: the real actors of a master, of agents and of frameworks,
/// each on a simulated process, machine, disk and network. Whoever tests it
/// kills and starts its parts.
class simulated_cluster {
public:
  /// @param work_dir For the directories that agents make; they stay empty.
  simulated_cluster(world& sim, const plan& how,
                    std::filesystem::path work_dir);

  /// Starts all parts.
  void start();

  // -- parts ------------------------------------------------------------------

  simulated_master& master() {
    return master_;
  }

  std::vector<std::unique_ptr<simulated_agent>>& agents() {
    return agents_;
  }

  std::vector<std::unique_ptr<simulated_framework>>& frameworks() {
    return frameworks_;
  }

  network& net() {
    return net_;
  }

  log_checker& log() {
    return log_;
  }

  const plan& how() const {
    return plan_;
  }

  /// Whether the part has a process that is alive.
  bool runs(const simulated_master& which) const;
  bool runs(const simulated_agent& which) const;
  bool runs(const simulated_framework& which) const;

  // -- life and death ---------------------------------------------------------

  void start_master();
  void crash_master();

  void start_agent(simulated_agent& which);
  void crash_agent(simulated_agent& which);
  /// The machine loses its power; start_agent boots it.
  void power_off(simulated_agent& which);
  /// As power_off, and its disk is empty afterwards.
  void wipe(simulated_agent& which);
  /// A second agent on a copy of the disk, on a machine of its own.
  simulated_agent& clone(simulated_agent& of);

  /// Starts one more process of it; not without an id beside one that began
  /// without, too: they would be two frameworks.
  void start_framework(simulated_framework& which);
  /// Kills its oldest process.
  void crash_framework(simulated_framework& which);

private:
  master_node_options master_options();
  agent_options options_of(const simulated_agent& which);
  agent_seams seams_of(simulated_agent& which);
  connector_actor connect_agent(simulated_agent& which,
                                const agent_actor& owner,
                                session::OpenSession introduction);
  std::unique_ptr<simulated_agent> make_agent(std::string name,
                                              std::string resources);
  void connect_framework(simulated_framework& which, process_number process,
                         const framework_driver_actor& driver);
  void framework_ended(simulated_framework& which, process_number process,
                       const caf::error& reason);
  /// It has ended by itself, and its supervisor starts it again.
  void restart_agent(simulated_agent& which);
  session_limits limits() const;

  world& sim_;
  plan plan_;
  std::filesystem::path work_dir_;
  network net_;
  start_ledger starts_;
  simulated_master master_;
  log_checker log_;
  std::vector<std::unique_ptr<simulated_agent>> agents_;
  std::vector<std::unique_ptr<simulated_framework>> frameworks_;
};

} // namespace agora::simulation
