// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora-load/shared_link_actor.hpp"

namespace agora::load {

namespace {

using shared_link_self = link_actor::stateful_pointer<shared_link_state>;

/// The TCP link bounds its own work; this is for a link that died.
constexpr std::chrono::minutes tcp_timeout{10};

/// Short beside the time in which a master starts.
constexpr std::chrono::milliseconds refusal_lasts{50};

void dialed(shared_link_self self, const shared_link_state::address& to,
            const gateway_actor& gateway) {
  auto& state = self->state;
  state.gateways[to] = gateway;
  self->monitor(gateway);
  auto waiting = std::move(state.waiting[to]);
  state.waiting.erase(to);
  for (auto& promise : waiting)
    promise.deliver(gateway);
}

void failed(shared_link_self self, const shared_link_state::address& to,
            const caf::error& reason) {
  auto waiting = std::move(self->state.waiting[to]);
  self->state.waiting.erase(to);
  self->state.refusals[to] = {reason, self->clock().now() + refusal_lasts};
  for (auto& promise : waiting)
    promise.deliver(reason);
}

void dial(shared_link_self self, const shared_link_state::address& to) {
  self->request(self->state.tcp, tcp_timeout, to.first, to.second)
    .then(
      [self, to](const gateway_actor& gateway) {
        dialed(self, to, gateway);
      },
      [self, to](const caf::error& reason) {
        failed(self, to, reason);
      });
}

} // namespace

link_actor::behavior_type shared_link(shared_link_self self, link_actor tcp) {
  self->state.tcp = std::move(tcp);
  self->set_down_handler([self](const caf::down_msg& down) {
    std::erase_if(self->state.gateways, [&](auto& known) {
      return known.second.address() == down.source;
    });
  });
  return {
    [self](const std::string& host,
           uint16_t port) -> caf::result<gateway_actor> {
      auto& state = self->state;
      shared_link_state::address to{host, port};
      if (auto known = state.gateways.find(to); known != state.gateways.end())
        return known->second;
      if (auto refused = state.refusals.find(to);
          refused != state.refusals.end()
          && self->clock().now() < refused->second.until)
        return refused->second.reason;
      auto promise = self->make_response_promise<gateway_actor>();
      auto& waiting = state.waiting[to];
      waiting.push_back(promise);
      if (waiting.size() == 1)
        dial(self, to);
      return promise;
    },
  };
}

} // namespace agora::load
