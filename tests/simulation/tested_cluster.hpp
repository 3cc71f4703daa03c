// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/testing/simulated_cluster.hpp"
#include "tests/simulation/framework_ledger.hpp"
#include "tests/simulation/log_checker.hpp"
#include "tests/simulation/profile.hpp"

#include <filesystem>
#include <memory>
#include <vector>

namespace agora::simulation {

/// A framework with its ledger.
struct tested_framework : simulated_framework {
  std::unique_ptr<framework_ledger> ledger;
};

/// A simulated cluster as a plan has it: with the plan's frameworks, whose
/// ledgers check what they hear, and a checker on its log.
class tested_cluster : public simulated_cluster {
public:
  tested_cluster(world& sim, const plan& how, std::filesystem::path work_dir);

  /// Starts all parts.
  void start();

  std::vector<std::unique_ptr<tested_framework>>& frameworks() {
    return frameworks_;
  }

  log_checker& log() {
    return log_;
  }

  const plan& how() const {
    return plan_;
  }

  /// Starts one more process of it; not without an id beside one that began
  /// without, too: they would be two frameworks.
  void start_framework(tested_framework& which);
  /// Kills its oldest process.
  void crash_framework(tested_framework& which);

private:
  void framework_ended(tested_framework& which);

  world& sim_;
  plan plan_;
  log_checker log_;
  std::vector<std::unique_ptr<tested_framework>> frameworks_;
};

} // namespace agora::simulation
