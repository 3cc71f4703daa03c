// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/simulation/profile.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace agora::simulation {

struct seed_options {
  uint64_t seed = 0;
  /// Nothing: chosen by the seed.
  std::optional<profile> how;
  bool verbose = false;
  /// An empty directory.
  std::filesystem::path work_dir;
};

struct seed_outcome {
  /// What was violated; empty if nothing was.
  std::string violation;
  profile how = profile::calm;
  /// Over all that was done: two runs of one seed have the same.
  uint64_t hash = 0;
  uint64_t steps = 0;
  uint64_t frames = 0;
  uint64_t entries = 0;
  uint64_t tasks = 0;
  uint64_t faults = 0;
  /// Until everything had settled.
  double virtual_seconds = 0;
};

/// Runs one simulated cluster: with faults for a while, then healed, until it
/// has settled. Once in a process: actors are left as they are at the end.
seed_outcome run_seed(const seed_options& options);

} // namespace agora::simulation
