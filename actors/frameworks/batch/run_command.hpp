// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/frameworks/batch/job.hpp"
#include "runtime/messaging/address.hpp"

#include <map>
#include <string>
#include <vector>

namespace agora {

/// One command, to be run somewhere in the cluster as if it ran here.
struct run_options {
  std::vector<node_address> masters;

  /// Program and arguments; no shell. At least one.
  std::vector<std::string> command;

  /// Of the task; the framework is called "run" and this.
  std::string name = "run";
  job_size size;
  std::map<std::string, std::string> env;

  /// Prints only what the command prints.
  bool quiet = false;
};

/// Runs the command as a framework of its own in this process, with no
/// failover: whatever happens to this process, the task ends with it. Its
/// output is copied while it runs. SIGINT and SIGTERM kill the task.
/// @returns the task's exit code, as a shell would give it; exit_not_run or
///          exit_lost if it did not end by itself; 1 if no master is reached.
int run_command(run_options options);

} // namespace agora
