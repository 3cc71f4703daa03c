// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/messaging/address.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

namespace agora::load {

class emulated_processes;

/// The resources of each emulated agent, also of real ones.
inline constexpr const char* agent_resources_text = "cpus:32;mem:1024";

struct emulated_agents_options {
  std::vector<node_address> masters;
  /// For the database that all of them share, and empty folders.
  std::filesystem::path work_dir;
  /// Connections to the master: each is an actor system of its own.
  uint32_t connections = 1;
};

/// Agents by the thousand in one process: each is the agent's own code over
/// the real messages, with a session of its own, on one database with fsync;
/// only processes and sandboxes do not exist. Plain C++ outside; they end with
/// the process.
class emulated_agents {
public:
  /// @param processes Must outlive the process's last agent.
  /// Fails: as open_rocksdb_store.
  static result<std::unique_ptr<emulated_agents>>
  open(emulated_agents_options options, emulated_processes& processes);

  virtual ~emulated_agents();

  /// Starts the agents numbered from `first`; calls `progress` now and then
  /// with the count of those that were started so far. Fails: as spawn_agent.
  virtual status start(uint32_t first, uint32_t count,
                       const std::function<void()>& progress)
    = 0;

  virtual size_t started() const = 0;

  /// Asks the agents which did not say so before whether they hold no task any
  /// more; returns how many still do, or do not answer.
  virtual size_t unsettled() = 0;

  /// Forgets what unsettled() has learned.
  virtual void expect_unsettled() = 0;
};

} // namespace agora::load
