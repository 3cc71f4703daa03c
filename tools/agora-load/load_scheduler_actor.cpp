// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora-load/load_scheduler_actor.hpp"

#include <utility>

namespace agora::load {

namespace {

using load_self = load_scheduler_actor::stateful_pointer<load_scheduler_state>;

void send_all(load_self self, load_book::calls calls) {
  for (auto& call : calls)
    self->send(self->state.driver, std::move(call));
}

} // namespace

load_scheduler_actor::behavior_type
load_scheduler(load_self self, framework_driver_actor driver,
               std::shared_ptr<load_totals> totals) {
  auto& state = self->state;
  state.driver = std::move(driver);
  state.book.emplace(std::move(totals));
  send_all(self, state.book->begin());
  return {
    [self](v1::scheduler::Event& event) {
      send_all(self, self->state.book->receive(
                       event, std::chrono::steady_clock::now()));
    },
    [self](launch_share& more) {
      send_all(self, self->state.book->launch(
                       std::move(more), std::chrono::steady_clock::now()));
    },
    [self](caf::get_atom) {
      send_all(self, self->state.book->watch());
    },
  };
}

} // namespace agora::load
