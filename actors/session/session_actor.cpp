// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/session/session_actor.hpp"

#include "actors/session/session_totals.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>

namespace agora {

namespace {

session_machine::time_point now_of(session_ptr self) {
  return self->clock().now();
}

/// Hands the machine's frames to the peer.
void transmit(session_ptr self) {
  auto& state = self->state;
  for (auto& frame : state.machine->take_frames()) {
    totals_of_sessions().frames_sent.fetch_add(1, std::memory_order_relaxed);
    self->send(state.peer, std::move(frame));
  }
}

/// Whether end_session was called: what is still to be handled comes too late.
bool has_ended(session_ptr self) {
  return self->state.binding == nullptr;
}

/// Sessions that began together must not ping together.
std::chrono::milliseconds idle_at_start(session_ptr self) {
  auto interval
    = static_cast<uint64_t>(self->state.options.limits.ping_interval.count());
  auto scattered = self->id() * uint64_t{2'654'435'761} % (interval + 1);
  return std::chrono::milliseconds{static_cast<int64_t>(scattered)};
}

void schedule_tick(session_ptr self) {
  // Not before the next millisecond, whatever the limits are: time must pass.
  auto due = std::max(self->state.machine->next_tick(),
                      now_of(self) + std::chrono::milliseconds{1});
  self->scheduled_send(self, due, caf::tick_atom::value);
}

void open(session_ptr self, uint64_t session_id, session_up note) {
  auto& state = self->state;
  state.peer_software = note.peer_software;
  state.machine.emplace(session_id, state.options.limits,
                        state.options.own_epoch, now_of(self),
                        idle_at_start(self));
  self->monitor(state.peer);
  note.number = state.number;
  note.kind = state.options.kind;
  state.binding->up(self, std::move(note));
  schedule_tick(self);
}

/// Keeps a body until the session is open. Pings need no answer by then, and
/// there is nothing yet that the peer could acknowledge.
void keep_early_frame(session_ptr self, session_frame& frame) {
  auto& state = self->state;
  if (frame.sequence == 0)
    return;
  auto& limits = state.options.limits;
  state.early_bytes += frame.body.size();
  if (state.early_frames.size() >= limits.window_messages
      || state.early_bytes > std::max(limits.window_bytes, limits.body_bytes))
    return end_session(self, fail(errc::limit_reached,
                                  "the peer sends more than a window before "
                                  "its gateway has answered"));
  state.early_frames.push_back(std::move(frame));
}

void handle_frame(session_ptr self, session_frame& frame) {
  auto& state = self->state;
  if (has_ended(self))
    return;
  if (!state.machine)
    return keep_early_frame(self, frame);
  totals_of_sessions().frames_received.fetch_add(1, std::memory_order_relaxed);
  auto body = state.machine->receive(std::move(frame), now_of(self));
  if (!body)
    return end_session(self, std::move(body.error()));
  transmit(self);
  if (!*body)
    return;
  if (auto bad = state.binding->deliver(self, state.number, **body))
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

void handle_opened(session_ptr self, const session::SessionOpened& opened,
                   const session_endpoint& peer) {
  auto& state = self->state;
  if (state.machine || has_ended(self))
    return;
  auto agreed = agree(state.options.limits, opened, peer);
  if (!agreed)
    return end_session(self, std::move(agreed.error()));
  state.options.limits = *agreed;
  state.peer = peer;
  session_up note;
  note.peer_software = opened.software();
  note.peer_cluster = opened.cluster_id();
  note.peer_epoch = {opened.epoch().generation(), opened.epoch().term()};
  open(self, opened.session_id(), std::move(note));
  for (auto& frame : std::exchange(state.early_frames, {}))
    handle_frame(self, frame);
}

/// Whether `reason` is a fault of the peer's program, which someone should
/// look at, rather than a part of life.
bool is_fault(const status& reason) {
  switch (code_of(reason)) {
    case errc::malformed_message:
    case errc::too_large:
    case errc::limit_reached:
    case errc::stale_epoch:
    case errc::invalid_argument:
      return true;
    default:
      return false;
  }
}

void handle_down(session_ptr self, const caf::down_msg& down) {
  if (has_ended(self))
    return;
  if (down.source == self->state.binding->owner)
    return end_session(self, fail(errc::shutting_down, "the owner has ended"));
  auto why = code_of(down.reason) == errc::none
               ? "the peer has ended or cannot be reached"
               : "the peer ended the session: " + describe(down.reason);
  end_session(self, fail(errc::session_lost, std::move(why)));
}

std::string text_of_exception(const std::exception_ptr& what) {
  try {
    std::rethrow_exception(what);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an unknown exception";
  }
}

session_actor::behavior_type behavior(session_ptr self) {
  self->set_down_handler([self](const caf::down_msg& down) {
    handle_down(self, down);
  });
  self->set_exit_handler([self](caf::exit_msg&) {
    end_session(self, fail(errc::shutting_down, "the session was ended"));
  });
  // The owner must learn of the end, whatever ends the session.
  self->set_exception_handler([self](std::exception_ptr& what) -> caf::error {
    auto reason = fail(errc::session_lost, text_of_exception(what));
    spdlog::error("session failed session={} reason=\"{}\"", self->state.number,
                  text_of(reason));
    end_session(self, reason);
    return reason;
  });
  return {
    [self](session_frame& frame) {
      handle_frame(self, frame);
    },
    [self](session_body& body) {
      handle_body(self, body);
    },
    [self](session_close& close) {
      end_session(self, std::move(close.reason));
    },
    [self](const session::SessionOpened& opened, const session_endpoint& peer) {
      handle_opened(self, opened, peer);
    },
    [self](caf::tick_atom) {
      auto& state = self->state;
      if (!state.machine || has_ended(self))
        return;
      auto silent = state.machine->tick(now_of(self));
      transmit(self);
      if (silent)
        return end_session(self, std::move(silent));
      schedule_tick(self);
    },
  };
}

/// @returns false if the owner is gone already: the session has ended.
bool adopt(session_ptr self, session_options options, session_binding binding) {
  auto& state = self->state;
  state.options = options;
  state.binding = std::move(binding);
  state.number = self->id();
  // Not by its address: that may be all that is left of the owner.
  auto owner = caf::actor_cast<caf::strong_actor_ptr>(state.binding->owner);
  if (owner)
    self->monitor(owner);
  else
    end_session(self, fail(errc::shutting_down, "the owner has ended"));
  return owner != nullptr;
}

} // namespace

session_totals& totals_of_sessions() {
  static session_totals totals;
  return totals;
}

result<session_limits> agree(session_limits own,
                             const session::SessionOpened& opened,
                             const session_endpoint& peer) {
  using std::chrono::milliseconds;
  if (!peer)
    return fail(errc::malformed_message,
                "the gateway's answer names no session");
  if (opened.ping_interval_ms() > 0)
    own.ping_interval = milliseconds{opened.ping_interval_ms()};
  if (opened.silence_timeout_ms() > 0)
    own.silence_timeout = milliseconds{opened.silence_timeout_ms()};
  if (own.ping_interval >= own.silence_timeout)
    return fail(errc::malformed_message,
                "the gateway asks for a ping every "
                  + std::to_string(own.ping_interval.count())
                  + " ms and takes a peer for lost after "
                  + std::to_string(own.silence_timeout.count()) + " ms");
  return own;
}

void end_session(session_ptr self, status reason) {
  auto& state = self->state;
  if (has_ended(self))
    return;
  spdlog::log(is_fault(reason) ? spdlog::level::warn : spdlog::level::debug,
              "session down session={} kind={} peer=\"{}\" reason=\"{}\"",
              state.number, session::PeerKind_Name(state.options.kind),
              state.peer_software, describe(reason));
  if (state.machine)
    state.binding->down(
      self, session_down{state.number, reason,
                         now_of(self) - state.machine->last_heard()});
  state.binding = nullptr;
  // The peer, who monitors this actor, learns the reason.
  self->quit(std::move(reason));
}

void owner_failed(session_ptr self, const caf::error& reason) {
  if (reason == caf::sec::request_timeout)
    return end_session(
      self, fail(errc::timeout, "the owner did not handle a message in time"));
  if (reason == caf::sec::request_receiver_down)
    return end_session(self, fail(errc::shutting_down, "the owner has ended"));
  end_session(self, reason);
}

void body_consumed(session_ptr self) {
  if (!self->state.machine || has_ended(self))
    return;
  self->state.machine->consumed(now_of(self));
  transmit(self);
}

session_actor::behavior_type accepting_session(session_ptr self,
                                               session_options options,
                                               session_binding binding,
                                               accepted_session accepted) {
  auto handlers = behavior(self);
  if (!adopt(self, options, std::move(binding)))
    return handlers;
  self->state.peer = accepted.peer;
  session_up note;
  note.peer_software = accepted.request.software();
  note.peer_cluster = accepted.request.cluster_id();
  note.peer_epoch
    = {accepted.request.epoch().generation(), accepted.request.epoch().term()};
  open(self, accepted.session_id, std::move(note));
  return handlers;
}

session_actor::behavior_type dialing_session(session_ptr self,
                                             session_options options,
                                             session_binding binding) {
  adopt(self, options, std::move(binding));
  return behavior(self);
}

} // namespace agora
