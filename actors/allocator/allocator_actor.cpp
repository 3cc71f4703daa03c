// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/allocator/allocator_actor.hpp"

#include "actors/allocator/allocation_limits.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace agora {

namespace {

using self_ptr = allocator_actor::stateful_pointer<allocator_state>;

/// Sends a tick for the next filter that ends, unless one arrives earlier.
void schedule_tick(self_ptr self) {
  auto& state = self->state;
  auto deadline = state.planner.next_deadline();
  if (!deadline)
    return;
  auto at
    = std::max(*deadline, state.last_tick + allocation_limits::tick_spacing);
  if (!state.ticks.empty() && *state.ticks.begin() <= at)
    return;
  state.ticks.insert(at);
  self->scheduled_send(self, at, caf::tick_atom::value);
}

void plan(self_ptr self) {
  auto& state = self->state;
  planned_offers plan{state.planner.plan(self->clock().now())};
  if (!plan.offers.empty()) {
    spdlog::debug("offers planned count={}", plan.offers.size());
    auto master = caf::actor_cast<caf::strong_actor_ptr>(state.master);
    if (master)
      self->send(caf::actor_cast<offer_sender_actor>(std::move(master)),
                 std::move(plan));
  }
  schedule_tick(self);
}

} // namespace

allocator_actor::behavior_type allocator(self_ptr self,
                                         offer_sender_actor master) {
  self->state.master = caf::actor_cast<caf::actor_addr>(master);
  return {
    [self](const allocation_changes& batch) {
      auto now = self->clock().now();
      for (auto& change : batch.changes)
        self->state.planner.apply(change, now);
      plan(self);
    },
    [self](const explain_framework& request)
      -> caf::result<session::FrameworkExplanation> {
      return self->state.planner.explain(request.framework,
                                         self->clock().now());
    },
    [self](const get_shares&) {
      return self->state.planner.shares();
    },
    [self](caf::tick_atom) {
      auto& state = self->state;
      state.last_tick = self->clock().now();
      state.ticks.erase(state.ticks.begin(),
                        state.ticks.upper_bound(state.last_tick));
      plan(self);
    },
  };
}

} // namespace agora
