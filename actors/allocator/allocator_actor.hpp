// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/allocator/allocation_planner.hpp"
#include "actors/interfaces.hpp"

#include <caf/actor_addr.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <set>

namespace agora {

/// Receives the allocator's plans: the master.
using offer_sender_actor = caf::typed_actor<caf::reacts_to<planned_offers>>;

struct allocator_state {
  static inline const char* name = "allocator";

  allocation_planner planner;

  /// Weak: the master holds the allocator, and a cycle would keep both alive.
  caf::actor_addr master;

  /// When ticks of our own will arrive. They cannot be called back, so none is
  /// sent while an earlier one is under way.
  std::set<allocation_planner::time_point> ticks;

  /// When a tick last made a plan.
  allocation_planner::time_point last_tick;
};

/// Plans after each batch of changes and whenever a filter ends.
///
/// @param master Receives every plan that has offers. Not kept alive.
allocator_actor::behavior_type
allocator(allocator_actor::stateful_pointer<allocator_state> self,
          offer_sender_actor master);

} // namespace agora
