// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/node/command_line.hpp"
#include "tools/agora/console.hpp"
#include "tools/agora/inspect_commands.hpp"
#include "tools/agora/run_commands.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace agora {

/// The command line of the admin tool: which command takes what.
struct tool_commands {
  command_line line{"agora", "Inspects and changes an Agora cluster, and runs "
                             "work in it."};
  tool_settings settings;
  task_filter tasks;
  work_settings work;
  batch_settings batch;
  std::vector<std::string> words;
  std::string id;
  std::string where;
  uint32_t number = 0;
  std::string file = "stdout";
  bool standard_error = false;
  bool follow = false;
  bool ended = false;
  bool force = false;

  tool_commands();

private:
  void add_inspection();
  void add_changes();
  void add_masters();
  void add_work();
  void add_work_options(command& cmd, work_settings& into);
};

} // namespace agora
