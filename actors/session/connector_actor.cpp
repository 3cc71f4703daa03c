// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/session/connector_actor.hpp"

#include "runtime/base/check.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace agora {

namespace {

const node_address& current(connector_ptr self) {
  auto& state = self->state;
  return state.options.addresses[state.next_address
                                 % state.options.addresses.size()];
}

void try_again(connector_ptr self) {
  auto& state = self->state;
  ++state.next_address;
  self->delayed_send(self, state.backoff, caf::tick_atom::value);
  state.backoff = std::min(state.backoff * 2, state.options.backoff_last);
}

/// Ends a session that never came to be.
void drop_session(connector_ptr self) {
  auto& state = self->state;
  if (!state.session)
    return;
  self->demonitor(state.session.address());
  self->send_exit(state.session, caf::exit_reason::user_shutdown);
  state.session = nullptr;
  state.open = false;
}

void attempt_failed(connector_ptr self, status reason) {
  auto& state = self->state;
  drop_session(self);
  dial_failed note{to_string(current(self)), std::move(reason), state.backoff};
  spdlog::debug("dial failed address={} reason=\"{}\"", note.address,
                describe(note.reason));
  state.failed(note);
  try_again(self);
}

/// CAF's own words for a silent peer are of no use to people.
status explain(connector_ptr self, const caf::error& reason) {
  if (reason == caf::sec::request_timeout)
    return fail(errc::timeout, to_string(current(self))
                                 + " did not answer in time");
  if (reason == caf::sec::request_receiver_down)
    return fail(errc::unreachable,
                to_string(current(self)) + " closed the connection");
  return reason;
}

void open_session(connector_ptr self, const gateway_actor& gateway) {
  auto& state = self->state;
  state.session
    = self->spawn(dialing_session, state.options.session, state.binding);
  self->monitor(state.session);
  self
    ->request(gateway, state.options.open_timeout, state.options.introduction,
              session_endpoint{state.session})
    .then(
      [self](session::SessionOpened& opened, session_endpoint& peer) {
        auto& open = self->state;
        if (!open.session)
          return; // Ended meanwhile, and its end was reported.
        open.open = true;
        open.opened_at = self->clock().now();
        self->send(open.session, std::move(opened), std::move(peer));
      },
      [self](const caf::error& reason) {
        if (self->state.session)
          attempt_failed(self, explain(self, reason));
      });
}

void dial(connector_ptr self) {
  auto& state = self->state;
  if (state.session)
    return;
  auto& to = current(self);
  // The link bounds its own work; this is for a link that died.
  constexpr std::chrono::minutes link_timeout{10};
  self->request(state.link, link_timeout, to.host, to.port)
    .then(
      [self](const gateway_actor& gateway) { open_session(self, gateway); },
      [self](const caf::error& reason) {
        attempt_failed(self, explain(self, reason));
      });
}

void session_ended(connector_ptr self) {
  auto& state = self->state;
  auto was_open = std::exchange(state.open, false);
  state.session = nullptr;
  if (!was_open)
    return attempt_failed(self, fail(errc::session_lost,
                                     to_string(current(self))
                                       + " ended the session at once"));
  if (self->clock().now() - state.opened_at >= state.options.settled_after)
    state.backoff = state.options.backoff_first;
  try_again(self);
}

} // namespace

connector_actor::behavior_type
connector(connector_ptr self, connector_options options, link_actor link,
          session_binding binding,
          std::function<void(const dial_failed&)> failed) {
  AGORA_CHECK(!options.addresses.empty());
  auto& state = self->state;
  state.options = std::move(options);
  state.link = std::move(link);
  state.binding = std::move(binding);
  state.failed = std::move(failed);
  state.backoff = state.options.backoff_first;
  self->monitor(state.binding.owner);
  self->set_down_handler([self](const caf::down_msg& down) {
    auto& current_state = self->state;
    if (down.source == current_state.binding.owner)
      self->quit();
    else if (current_state.session
             && down.source == current_state.session.address())
      session_ended(self);
  });
  self->send(self, caf::tick_atom::value);
  return {
    [self](caf::tick_atom) { dial(self); },
    [self](const session::OpenSession& introduction) {
      self->state.options.introduction = introduction;
    },
    [self](caf::get_atom) {
      if (self->state.session)
        self->send(self->state.session,
                   session_close{fail(errc::not_leader, "trying the next one")});
    },
  };
}

} // namespace agora
