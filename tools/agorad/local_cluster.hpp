// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/messaging/address.hpp"
#include "runtime/node/setting_values.hpp"
#include "tools/agorad/supervisor.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace agora {

class command;

/// What `agorad local` is told on its command line.
struct local_settings {
  uint32_t agents = 3;
  uint32_t masters = 1;
  std::filesystem::path work_dir;
  listen_address listen{{"127.0.0.1", 7050}};
  bool insecure_listen = false;
  /// Of each agent; what is not named is detected, as if each of them had the
  /// machine to itself.
  std::string resources;
  std::string log_level = "info";
  bool end_with_parent = false;
};

/// More than this on one machine measure the machine, not the cluster.
inline constexpr uint32_t local_agents_limit = 50;

/// As many as a cluster may have.
inline constexpr uint32_t local_masters_limit = 15;

/// Declares the settings of `agorad local`.
void add_local_options(command& cmd, local_settings& settings);

/// The processes of such a cluster, one a node: the masters, then the agents.
/// `work_dir` is absolute and `masters` are the addresses with their real
/// ports.
std::vector<supervised_part>
local_parts(const local_settings& settings,
            const std::filesystem::path& work_dir,
            const std::vector<node_address>& masters);

/// Runs a whole cluster on this machine until it is told to end; then nothing
/// of it is left, its tasks included. Returns the exit code.
int run_local_cluster(const local_settings& settings);

} // namespace agora
