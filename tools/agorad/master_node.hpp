// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/master/master_settings.hpp"
#include "runtime/node/setting_values.hpp"
#include "tools/agorad/cluster_node.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace agora {

class command;

/// Connections of a master that was not told how many.
inline constexpr uint32_t most_connections = 100'000;

/// What a master node is told on its command line.
struct master_node_settings {
  cluster_node_settings common{{"127.0.0.1", 7050}};
  /// Which of the cluster's masters this is.
  uint32_t id = 1;
  /// All masters that the cluster shall have, this one among them or not.
  std::vector<numbered_address> peers;
  /// Founds the cluster, once.
  bool bootstrap = false;
  /// The data are those of an older copy.
  bool restored = false;
  /// Where the log is; empty: in the work directory.
  std::filesystem::path data;
  /// Agents, frameworks and tools that are connected at once.
  uint32_t max_sessions = 100'000;
  /// Nodes that these run on; if it is not said, as many as there are
  /// descriptors for, up to most_connections.
  std::optional<uint32_t> max_connections;
  byte_size block_cache{size_t{64} << 20};
  byte_size write_buffer{size_t{16} << 20};
  master_settings master;
};

/// Declares the settings of `agorad master`.
void add_master_options(command& cmd, master_node_settings& settings);

/// Runs a master node until it is told to end. Returns the exit code.
int run_master_node(master_node_settings settings);

} // namespace agora
