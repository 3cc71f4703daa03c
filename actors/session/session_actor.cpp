// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/session/session_actor.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace agora {

namespace {

/// How often a session looks at its clock, as a part of its ping interval.
constexpr auto ticks_per_ping = 2;

session_machine::time_point now_of(session_ptr self) {
  return self->clock().now();
}

/// Hands the machine's frames to the peer.
void transmit(session_ptr self) {
  auto& state = self->state;
  for (auto& frame : state.machine->take_frames())
    self->send(state.peer, std::move(frame));
}

/// Sessions that began together must not ping together.
std::chrono::milliseconds first_tick(session_ptr self) {
  auto interval = self->state.options.limits.ping_interval / ticks_per_ping;
  auto spread = std::max<int64_t>(1, interval.count());
  return std::chrono::milliseconds{
    1 + static_cast<int64_t>(self->id() * 2'654'435'761u) % spread};
}

void schedule_tick(session_ptr self) {
  self->delayed_send(self,
                     self->state.options.limits.ping_interval / ticks_per_ping,
                     caf::tick_atom::value);
}

void open(session_ptr self, uint64_t session_id, session_up note) {
  auto& state = self->state;
  state.machine.emplace(session_id, state.options.limits,
                        state.options.own_epoch, now_of(self));
  self->monitor(state.peer);
  note.number = state.number;
  note.kind = state.options.kind;
  state.binding.up(self, std::move(note));
  self->delayed_send(self, first_tick(self), caf::tick_atom::value);
}

void handle_frame(session_ptr self, session_frame& frame) {
  auto& state = self->state;
  if (!state.machine) {
    if (state.early_frames.size() >= state.options.limits.window_messages)
      return end_session(self, fail(errc::limit_reached,
                                    "the peer sends before it has opened"));
    state.early_frames.push_back(std::move(frame));
    return;
  }
  auto body = state.machine->receive(std::move(frame), now_of(self));
  if (!body)
    return end_session(self, std::move(body.error()));
  transmit(self);
  if (!*body)
    return;
  if (auto bad = state.binding.deliver(self, state.number, **body))
    end_session(self, std::move(bad));
}

void handle_body(session_ptr self, session_body& body) {
  auto& state = self->state;
  if (!state.machine)
    return; // An owner that sends before session_up has nobody to talk to.
  auto bad = state.machine->send(std::move(body.bytes), now_of(self));
  transmit(self);
  if (bad)
    end_session(self, std::move(bad));
}

void handle_down(session_ptr self, const caf::down_msg& down) {
  if (down.source == self->state.binding.owner)
    return end_session(self, fail(errc::shutting_down, "the owner has ended"));
  end_session(self, fail(errc::session_lost,
                         "the peer has ended or cannot be reached"));
}

session_actor::behavior_type behavior(session_ptr self) {
  self->set_down_handler(
    [self](const caf::down_msg& down) { handle_down(self, down); });
  self->set_exit_handler([self](caf::exit_msg& exit) {
    end_session(self, fail(errc::shutting_down, "the session was ended"));
    self->quit(std::move(exit.reason));
  });
  return {
    [self](session_frame& frame) { handle_frame(self, frame); },
    [self](session_body& body) { handle_body(self, body); },
    [self](session_close& close) {
      end_session(self, std::move(close.reason));
    },
    [self](const session::SessionOpened& opened,
           const session_endpoint& peer) {
      auto& state = self->state;
      if (state.machine)
        return;
      state.peer = peer;
      if (opened.has_ping_interval_ms() && opened.ping_interval_ms() > 0)
        state.options.limits.ping_interval
          = std::chrono::milliseconds{opened.ping_interval_ms()};
      if (opened.has_silence_timeout_ms() && opened.silence_timeout_ms() > 0)
        state.options.limits.silence_timeout
          = std::chrono::milliseconds{opened.silence_timeout_ms()};
      session_up note;
      note.peer_software = opened.software();
      note.peer_cluster = opened.cluster_id();
      note.peer_epoch = {opened.epoch().generation(), opened.epoch().term()};
      open(self, opened.session_id(), std::move(note));
      for (auto& frame : std::exchange(state.early_frames, {}))
        handle_frame(self, frame);
    },
    [self](caf::tick_atom) {
      auto& state = self->state;
      if (!state.machine)
        return;
      auto silent = state.machine->tick(now_of(self));
      transmit(self);
      if (silent)
        return end_session(self, std::move(silent));
      schedule_tick(self);
    },
  };
}

void adopt(session_ptr self, session_options options, session_binding binding) {
  auto& state = self->state;
  state.options = options;
  state.binding = std::move(binding);
  state.number = self->id();
  // Gives DOWN at once if the owner is gone already.
  self->monitor(state.binding.owner);
}

} // namespace

void end_session(session_ptr self, status reason) {
  auto& state = self->state;
  if (!state.binding.owner)
    return; // Has ended already.
  spdlog::debug("session down session={} kind={} reason=\"{}\"", state.number,
                session::PeerKind_Name(state.options.kind), describe(reason));
  if (state.machine)
    state.binding.down(self,
                       session_down{state.number, std::move(reason),
                                    now_of(self)
                                      - state.machine->last_heard()});
  state.binding = {};
  self->quit();
}

void body_consumed(session_ptr self) {
  if (!self->state.machine || !self->state.binding.owner)
    return;
  self->state.machine->consumed(now_of(self));
  transmit(self);
}

session_actor::behavior_type accepting_session(session_ptr self,
                                               session_options options,
                                               session_binding binding,
                                               accepted_session accepted) {
  adopt(self, options, std::move(binding));
  self->state.peer = accepted.peer;
  session_up note;
  note.peer_software = accepted.request.software();
  note.peer_cluster = accepted.request.cluster_id();
  note.peer_epoch = {accepted.request.epoch().generation(),
                     accepted.request.epoch().term()};
  open(self, accepted.session_id, std::move(note));
  return behavior(self);
}

session_actor::behavior_type dialing_session(session_ptr self,
                                             session_options options,
                                             session_binding binding) {
  adopt(self, options, std::move(binding));
  return behavior(self);
}

} // namespace agora
