// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/node/setting_values.hpp"
#include "tools/agora/console.hpp"

#include <cstddef>
#include <string>
#include <vector>

// Commands that run work in the cluster: each is a framework while it runs.

namespace agora {

/// What each job gets.
struct work_settings {
  double cpus = 0.1;
  byte_size mem{size_t{32} << 20};
  std::string name;
  /// NAME=VALUE, or NAME to hand on the tool's own.
  std::vector<std::string> env;
};

/// Runs a command and waits for it. Returns its exit code.
int run_in_cluster(const tool_settings& settings, const work_settings& work,
                   const std::vector<std::string>& words);

struct batch_settings {
  work_settings each;
  /// A path, or "-" for standard input.
  std::string file;
  unsigned retries = 0;
  size_t parallelism = 0;
  std::string output_folder;
  bool quiet = false;
};

/// Runs a list of jobs and waits for them. Returns 0 if all have succeeded.
int run_batch_in_cluster(const tool_settings& settings,
                         const batch_settings& batch);

} // namespace agora
