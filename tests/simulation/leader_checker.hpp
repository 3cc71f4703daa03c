// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/allocator/allocation_planner.hpp"
#include "actors/master/master_machine.hpp"
#include "tests/simulation/tested_cluster.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace agora::simulation {

/// Looks into the leading master and its allocator, when both have handled all
/// that was sent to them, and holds their books against each other and against
/// the log.
class leader_checker {
public:
  leader_checker(world& sim, tested_cluster& cluster);

  /// To be called at rest. Looks only if the master has done something since.
  void check();

  /// The same, whatever has happened, and the digests too.
  void check_all();

  /// Null if there is no leader.
  const master_machine* machine() const;

private:
  const allocation_planner* planner() const;
  void check_digest(const master_machine& leader);
  void check_agents(const master_machine& leader,
                    const allocation_planner& planner);
  void check_agent(const master_machine& leader, const allocator_agent& agent);
  void check_presence(const master_machine& leader);
  void violated(const std::string& text);

  world& sim_;
  tested_cluster& cluster_;
  std::pair<process_number, uint64_t> looked_at_;
  uint64_t digested_at_ = 0;
};

} // namespace agora::simulation
