// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/testing/log_follower.hpp"
#include "actors/testing/simulated_cluster.hpp"
#include "actors/testing/test_cluster.hpp"
#include "actors/testing/world.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace agora::simulation {

/// A directory that goes with its owner.
struct scratch_place {
  scratch_place();
  scratch_place(const scratch_place&) = delete;
  scratch_place& operator=(const scratch_place&) = delete;
  ~scratch_place();

  std::filesystem::path path;
};

/// What a test_cluster consists of. Private to it.
struct test_cluster::core {
  struct framework : simulated_framework {
    driver_options options;
    scheduler_factory factory;
    /// The newest that it was given.
    framework_id id;
    bool torn_down = false;
    scheduler_actor scheduler;
    std::optional<status> end;
  };

  explicit core(test_cluster_options& options);

  cluster_settings complete(cluster_settings settings);
  result<task_behavior> behavior_of(const launch_spec& what,
                                    const std::string& machine);
  void take(const applied_entry& applied);
  std::string host_of(const agent_id& agent) const;
  bool runs(const task_view& task) const;
  void start_framework(framework_number number);

  simulated_agent& agent(agent_number which) {
    return *nodes.agents().at(which);
  }

  void cut(machine_number machine) {
    nodes.net().cut(nodes.master().machine, machine);
    nodes.net().cut(machine, nodes.master().machine);
  }

  void heal(machine_number machine) {
    nodes.net().heal(nodes.master().machine, machine);
    nodes.net().heal(machine, nodes.master().machine);
  }

  uint64_t seed;
  std::unique_ptr<scratch_place> scratch;
  world& sim;
  simulated_cluster& nodes;
  log_follower log;
  task_script script;
  std::vector<std::unique_ptr<framework>> frameworks;
  std::vector<task_view> tasks;
  /// The newest place in `tasks` of each.
  std::map<task_key, size_t> newest;
};

} // namespace agora::simulation
