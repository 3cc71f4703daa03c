// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/messaging/address.hpp"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace agora {

class command;

} // namespace agora

namespace agora::load {

/// What one of the load's own processes is told when it starts.
struct emulate_settings {
  std::vector<node_address> masters{{"127.0.0.1", 7050}};
  std::filesystem::path work_dir;
  uint32_t connections = 1;
};

/// Declares the settings of `agora-load emulate`.
void add_emulate_options(command& cmd, emulate_settings& settings);

/// Emulates agents and frameworks as the orders on standard input say, one JSON
/// object a line (load.proto), and reports on standard output; ends with
/// standard input, or with its parent. Returns the exit code.
int run_emulate(const emulate_settings& settings);

} // namespace agora::load
