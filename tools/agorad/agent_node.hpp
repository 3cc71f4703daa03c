// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_options.hpp"
#include "runtime/messaging/address.hpp"
#include "tools/agorad/cluster_node.hpp"

#include <string>
#include <vector>

namespace agora {

class command;

/// What an agent node is told on its command line.
struct agent_node_settings {
  cluster_node_settings common{{"127.0.0.1", 0}};
  std::vector<node_address> masters{{"127.0.0.1", 7050}};
  std::string resources;
  std::string attributes;
  agent_timeouts timeouts;
  sandbox_gc_settings gc;
};

/// Declares the settings of `agorad agent`.
void add_agent_options(command& cmd, agent_node_settings& settings);

/// Runs an agent node until it is told to end. Returns the exit code.
int run_agent_node(agent_node_settings settings);

} // namespace agora
