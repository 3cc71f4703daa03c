// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/checkpoint/checkpoint_writer_actor.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <utility>

namespace agora {

checkpoint_writer_actor::behavior_type checkpoint_writer(
  checkpoint_writer_actor::stateful_pointer<checkpoint_writer_state> self,
  store* disk, std::function<void(const status&)> on_failed) {
  self->state.disk = disk;
  // By address: the store must not keep its writer alive.
  auto weak = caf::actor_cast<caf::actor_addr>(self);
  disk->listen({
    [weak](store::ticket ticket) {
      if (auto to = caf::actor_cast<checkpoint_writer_actor>(weak))
        caf::anon_send(to, uint64_t{ticket});
    },
    std::move(on_failed),
  });
  return {
    [self](write_batch& batch) -> caf::result<caf::ok_atom> {
      auto& state = self->state;
      auto ticket = state.next_ticket;
      if (auto err = state.disk->submit(std::move(batch), ticket))
        return err;
      ++state.next_ticket;
      auto promise = self->make_response_promise<caf::ok_atom>();
      state.unwritten.push_back({ticket, promise});
      return promise;
    },
    [self](uint64_t ticket) {
      auto& waiting = self->state.unwritten;
      while (!waiting.empty() && waiting.front().ticket <= ticket) {
        waiting.front().promise.deliver(caf::ok_atom::value);
        waiting.pop_front();
      }
    },
  };
}

} // namespace agora
