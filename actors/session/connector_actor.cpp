// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/session/connector_actor.hpp"

#include "runtime/base/check.hpp"

#include <spdlog/spdlog.h>

#include <random>

namespace agora {

namespace {

const node_address& current(connector_ptr self) {
  auto& state = self->state;
  return state.options
    .addresses[state.next_address % state.options.addresses.size()];
}

/// @returns how long it waits before it does.
std::chrono::milliseconds try_again(connector_ptr self) {
  auto& state = self->state;
  ++state.next_address;
  auto wait = state.backoff->next_wait();
  self->delayed_send(self, wait, caf::tick_atom::value);
  return wait;
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
  dial_failed note{to_string(current(self)), std::move(reason), {}};
  spdlog::debug("dial failed address={} reason=\"{}\"", note.address,
                describe(note.reason));
  note.retry_in = try_again(self);
  state.failed(note);
}

/// CAF's own words for a silent peer are of no use to people.
status explain(connector_ptr self, const caf::error& reason) {
  if (reason == caf::sec::request_timeout)
    return fail(errc::timeout,
                to_string(current(self)) + " did not answer in time");
  if (reason == caf::sec::request_receiver_down)
    return fail(errc::unreachable,
                to_string(current(self)) + " closed the connection");
  return reason;
}

void open_session(connector_ptr self, const gateway_actor& gateway) {
  auto& state = self->state;
  // An answer that comes after its attempt was given up must not be taken for
  // that of a later one.
  auto attempt = ++state.attempt;
  state.session
    = self->spawn(dialing_session, state.options.session, state.binding);
  self->monitor(state.session);
  self
    ->request(gateway, state.options.open_timeout, state.options.introduction,
              session_endpoint{state.session})
    .then(
      [self, attempt](session::SessionOpened& opened, session_endpoint& peer) {
        auto& open = self->state;
        if (!open.session || open.attempt != attempt)
          return; // Ended meanwhile, and its end was reported.
        auto agreed = agree(open.options.session.limits, opened, peer);
        if (!agreed)
          return attempt_failed(self, std::move(agreed.error()));
        open.open = true;
        open.opened_at = self->clock().now();
        self->send(open.session, std::move(opened), std::move(peer));
      },
      [self, attempt](const caf::error& reason) {
        if (self->state.session && self->state.attempt == attempt)
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
      [self](const gateway_actor& gateway) {
        open_session(self, gateway);
      },
      [self](const caf::error& reason) {
        attempt_failed(self, explain(self, reason));
      });
}

void session_ended(connector_ptr self, const caf::error& reason) {
  auto& state = self->state;
  auto was_open = std::exchange(state.open, false);
  state.session = nullptr;
  if (!was_open)
    return attempt_failed(
      self, code_of(reason) != errc::none
              ? reason
              : fail(errc::session_lost,
                     to_string(current(self)) + " ended the session at once"));
  if (self->clock().now() - state.opened_at >= state.options.settled_after)
    state.backoff->reset();
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
  auto seed = state.options.scatter_seed;
  state.backoff.emplace(state.options.backoff, state.options.addresses.size(),
                        seed ? *seed : std::random_device{}());
  // Not by its address: that may be all that is left of the owner.
  if (auto owner = caf::actor_cast<caf::strong_actor_ptr>(state.binding->owner))
    self->monitor(owner);
  else
    self->quit();
  self->set_down_handler([self](const caf::down_msg& down) {
    auto& current_state = self->state;
    if (down.source == current_state.binding->owner)
      self->quit();
    else if (current_state.session
             && down.source == current_state.session.address())
      session_ended(self, down.reason);
  });
  // A session that is open goes on without its connector; one that nobody
  // would ever open must not.
  self->set_exit_handler([self](caf::exit_msg& exit) {
    if (!self->state.open)
      drop_session(self);
    self->quit(std::move(exit.reason));
  });
  self->send(self, caf::tick_atom::value);
  return {
    [self](caf::tick_atom) {
      dial(self);
    },
    [self](const session::OpenSession& introduction) {
      self->state.options.introduction = introduction;
    },
    [self](caf::get_atom) {
      if (self->state.open)
        self->send(
          self->state.session,
          session_close{fail(errc::not_leader, "trying the next one")});
    },
  };
}

} // namespace agora
