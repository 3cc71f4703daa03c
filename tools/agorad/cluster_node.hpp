// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/messaging/address.hpp"
#include "runtime/node/node_program.hpp"
#include "runtime/node/setting_values.hpp"

#include <caf/fwd.hpp>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace agora {

class command;

/// What every node that listens and keeps data is told on its command line.
struct cluster_node_settings {
  explicit cluster_node_settings(node_address listen_by_default)
    : listen{std::move(listen_by_default)} {
    // nop
  }

  node_settings node;
  /// Empty: see default_work_dir.
  std::filesystem::path work_dir;
  listen_address listen;
  std::optional<node_address> advertise;
  bool insecure_listen = false;
  bool end_with_parent = false;
};

/// Declares the settings of a node's place in the cluster. `kind` is "master"
/// or "agent"; `contents` says what the work directory is for, and `peers` who
/// comes to the address.
void add_cluster_node_options(command& cmd, cluster_node_settings& settings,
                              const std::string& kind,
                              const std::string& contents,
                              const std::string& peers);

/// Starts the actors of a node whose work directory is there, listening on the
/// port that was chosen for it.
using start_cluster_node = std::function<result<running_node>(
  const std::filesystem::path& work_dir, uint16_t port,
  caf::actor_system& system, node_control& control)>;

/// Runs a node until it is told to end: its address is judged and its work
/// directory made before `start` is called. Returns the exit code.
int run_cluster_node(const cluster_node_settings& settings,
                     const std::string& kind, const start_cluster_node& start);

} // namespace agora
