// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tools/agora/console.hpp"

#include <string>

// Commands that look at the cluster.

namespace agora {

tool_exit show_status(const tool_settings& settings);
/// @param gone Also those that were marked gone.
tool_exit show_agents(const tool_settings& settings, bool gone);
/// @param ended Those that have ended, too.
tool_exit show_frameworks(const tool_settings& settings, bool ended);
tool_exit show_roles(const tool_settings& settings);
tool_exit show_offers(const tool_settings& settings);

/// Which tasks to list; what is empty matches all.
struct task_filter {
  std::string framework;
  std::string agent;
  std::string state;
  /// Those that have ended, too; implied by the name of a terminal state.
  bool ended = false;
};

tool_exit show_tasks(const tool_settings& settings, const task_filter& filter);
tool_exit show_task(const tool_settings& settings, const std::string& id);
tool_exit show_orphans(const tool_settings& settings);

/// What stands between a framework and an offer.
tool_exit explain_offers(const tool_settings& settings,
                         const std::string& framework);

/// Copies what a task wrote to standard output.
/// @param follow Goes on while the task runs.
/// @param path "stdout", "stderr", or any file of the sandbox.
tool_exit show_log(const tool_settings& settings, const std::string& id,
                   const std::string& path, bool follow);

} // namespace agora
