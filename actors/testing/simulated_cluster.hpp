// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/spawn_agent.hpp"
#include "actors/master/master_actor.hpp"
#include "actors/master/master_node.hpp"
#include "actors/scheduler/framework_driver_actor.hpp"
#include "actors/testing/cluster_settings.hpp"
#include "actors/testing/network.hpp"
#include "actors/testing/simulated_disk.hpp"
#include "actors/testing/simulated_host.hpp"
#include "actors/testing/world.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace agora::simulation {

/// A master's machine, disk, and present process.
struct simulated_master {
  std::string name;
  uint32_t number = 1;
  node_address address;
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

/// A framework's machine, and its present processes: usually one. What it
/// keeps from one process to the next is its owner's.
struct simulated_framework {
  struct life {
    process_number process = no_process;
    framework_driver_actor driver;
    /// It was started as a new framework, without an id.
    bool founds = false;
  };

  std::string name;
  machine_number machine = 0;
  /// From the oldest to the newest.
  std::vector<life> lives;
  /// Called when a process of it has ended by itself, and is not among `lives`
  /// any more.
  std::function<void(const caf::error& reason)> on_end;
};

/// The parts of a cluster: the real actors of a master, of agents and of
/// frameworks, each on a simulated process, machine, disk and network. Whoever
/// tests it starts and kills them; a master or an agent that ends by itself is
/// started again, as a supervisor does.
///
/// It must outlive every run of its world.
class simulated_cluster {
public:
  /// Nothing runs yet, and there are no agents.
  simulated_cluster(world& sim, cluster_settings settings);

  // -- parts ------------------------------------------------------------------

  std::vector<std::unique_ptr<simulated_master>>& masters() {
    return masters_;
  }

  const std::vector<std::unique_ptr<simulated_master>>& masters() const {
    return masters_;
  }

  /// The first one; the only one unless the settings say otherwise.
  simulated_master& master() {
    return *masters_.front();
  }

  const simulated_master& master() const {
    return *masters_.front();
  }

  /// Adds one, which is not started.
  /// @param resources As text, such as "cpus:4;mem:4096".
  simulated_agent& add_agent(std::string name, std::string resources);

  std::vector<std::unique_ptr<simulated_agent>>& agents() {
    return agents_;
  }

  const std::vector<std::unique_ptr<simulated_agent>>& agents() const {
    return agents_;
  }

  network& net() {
    return net_;
  }

  const cluster_settings& settings() const {
    return settings_;
  }

  /// Where the masters are dialed.
  std::vector<node_address> addresses() const;

  /// The same in each run.
  static std::string cluster_id();

  /// Whether the part has a process that is alive.
  bool runs(const simulated_master& which) const;
  bool runs(const simulated_agent& which) const;
  bool runs(const simulated_framework& which) const;

  /// The master that leads with the newest epoch; null if there is none.
  simulated_master* leading_master() const;

  /// What the leading master decides by; null if there is none. Valid until
  /// the world runs on.
  const master_machine* leader() const;

  /// What the leading master has besides; null if there is none.
  const master_leadership* leadership() const;

  // -- life and death ---------------------------------------------------------

  /// All of them.
  void start_masters();
  void start_master(simulated_master& which);
  void crash_master(simulated_master& which);

  /// Has `hears` called with what is committed, before anything comes of it;
  /// by each master, so the same entries come several times, and again after a
  /// restart.
  using commit_listener
    = std::function<void(const std::vector<entry_ptr>& entries)>;
  void on_committed(commit_listener hears) {
    commit_listeners_.push_back(std::move(hears));
  }

  void start_agent(simulated_agent& which);
  void crash_agent(simulated_agent& which);
  /// The machine loses its power; start_agent boots it.
  void power_off(simulated_agent& which);
  /// As power_off, and its disk is empty afterwards.
  void wipe(simulated_agent& which);
  /// A second agent on a copy of the disk, on a machine of its own.
  simulated_agent& clone(simulated_agent& of);

  /// Starts one more process of the framework, on its machine.
  void start_framework(simulated_framework& which, driver_options options,
                       scheduler_factory scheduler);
  /// Kills its oldest process.
  void crash_framework(simulated_framework& which);

private:
  std::unique_ptr<simulated_master> make_master(uint32_t number);
  const master_leadership* leadership_of(const simulated_master& which) const;
  master_node_options master_options(simulated_master& which);
  agent_options options_of(const simulated_agent& which);
  agent_seams seams_of(simulated_agent& which);
  connector_options dialing(session::PeerKind kind);
  std::vector<connector_actor> connect_agent(simulated_agent& which,
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

  world& sim_;
  cluster_settings settings_;
  network net_;
  start_ledger starts_;
  std::vector<std::unique_ptr<simulated_master>> masters_;
  std::vector<commit_listener> commit_listeners_;
  std::vector<std::unique_ptr<simulated_agent>> agents_;
};

} // namespace agora::simulation
