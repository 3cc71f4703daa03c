// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/master/master_settings.hpp"
#include "runtime/messaging/address.hpp"
#include "runtime/node/node_program.hpp"
#include "runtime/node/setting_values.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace agora {

class command;

/// What a master node is told on its command line.
struct master_node_settings {
  node_settings node;
  std::filesystem::path work_dir;
  listen_address listen{{"127.0.0.1", 7050}};
  std::optional<node_address> advertise;
  bool insecure_listen = false;
  bool end_with_parent = false;
  /// Agents, frameworks and tools that are connected at once.
  uint32_t max_sessions = 100'000;
  byte_size block_cache{size_t{64} << 20};
  byte_size write_buffer{size_t{32} << 20};
  master_settings master;
};

/// Declares the settings of `agorad master`.
void add_master_options(command& cmd, master_node_settings& settings);

/// Runs a master node until it is told to end. Returns the exit code.
int run_master_node(master_node_settings settings);

} // namespace agora
