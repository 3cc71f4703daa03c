// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/interfaces.hpp"
#include "tests/simulation/framework_ledger.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <map>
#include <string>
#include <vector>

namespace agora::simulation {

struct simulated_scheduler_state {
  static inline const char* name = "simulated-scheduler";

  /// An offer that is kept, until when.
  struct kept_offer {
    v1::Offer offer;
    world::time_point until;
  };

  world* sim = nullptr;
  framework_ledger* ledger = nullptr;
  process_number process = no_process;
  framework_driver_actor driver;
  random_source random{0};
  std::map<std::string, kept_offer> kept;
  bool subscribed = false;
  bool suppressed = false;
  world::time_point suppressed_until;
  uint64_t ticks = 0;
  uint64_t groups = 0;
};

using simulated_scheduler_actor
  = scheduler_actor::extend<caf::reacts_to<caf::tick_atom>>;

/// SCHEDULER of a simulated framework: launches simulated tasks until as many
/// have finished as its character wants. What it knows is in its ledger, which
/// outlives it.
simulated_scheduler_actor::behavior_type simulated_scheduler(
  simulated_scheduler_actor::stateful_pointer<simulated_scheduler_state> self,
  world* sim, framework_ledger* ledger, framework_driver_actor driver);

} // namespace agora::simulation
