// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/interfaces.hpp"
#include "actors/testing/world.hpp"
#include "runtime/base/epoch.hpp"
#include "tests/simulation/tested_cluster.hpp"

#include <optional>

namespace agora::simulation {

/// A master of an earlier term that has not noticed that others have led since:
/// it answers at the master's address, lets agents in, bids them kill what they
/// hold, and acknowledges what they report, which no log will ever have.
/// Whoever obeys it loses ends of tasks.
class stale_leader {
public:
  stale_leader(world& sim, tested_cluster& cluster);

  /// Takes the address while nobody leads; one that runs already dies.
  /// @param own Older than what any agent has obeyed.
  void start(epoch own);

  /// The newest epoch that is older than what each agent has obeyed, as far as
  /// it is stored: agents that have not met a newer leader have to obey.
  /// Nothing if there is none.
  std::optional<epoch> older_than_all() const;

  /// Its process dies.
  void stop();

private:
  world& sim_;
  tested_cluster& cluster_;
  machine_number machine_;
  process_number process_ = no_process;
  /// Sessions do not keep their owner alive.
  session_owner<session::AgentToMaster> owner_;
};

} // namespace agora::simulation
