// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_options.hpp"
#include "runtime/messaging/address.hpp"
#include "runtime/node/node_program.hpp"
#include "runtime/node/setting_values.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace agora {

class command;

/// What an agent node is told on its command line.
struct agent_node_settings {
  node_settings node;
  std::vector<node_address> masters{{"127.0.0.1", 7050}};
  std::filesystem::path work_dir;
  listen_address listen{{"127.0.0.1", 0}};
  std::optional<node_address> advertise;
  std::string resources;
  std::string attributes;
  bool insecure_listen = false;
  bool end_with_parent = false;
  agent_timeouts timeouts;
  sandbox_gc_settings gc;
};

/// Declares the settings of `agorad agent`.
void add_agent_options(command& cmd, agent_node_settings& settings);

/// Runs an agent node until it is told to end. Returns the exit code.
int run_agent_node(agent_node_settings settings);

} // namespace agora
