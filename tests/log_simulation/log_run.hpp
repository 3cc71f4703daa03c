// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/log_simulation/log_clients.hpp"
#include "tests/log_simulation/log_network.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace agora::log_simulation {

/// What one seed showed.
struct run_outcome {
  profile how = profile::calm;
  uint64_t steps = 0;
  uint64_t faults = 0;
  uint64_t entries = 0;
  uint64_t answers = 0;
  /// Empty: all is well.
  std::string violation;
};

run_outcome run_seed(uint64_t seed, std::optional<profile> how, bool verbose);

} // namespace agora::log_simulation
