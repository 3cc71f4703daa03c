// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/interfaces.hpp"
#include "actors/session/session_machine.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace agora {

struct session_state;

using session_ptr = session_actor::stateful_pointer<session_state>;

/// Ties sessions to their owner, whatever bodies they exchange.
struct owner_binding {
  /// The session ends when its owner ends.
  caf::actor_addr owner;
  std::function<void(session_ptr, session_up)> up;
  std::function<void(session_ptr, session_down)> down;
  /// Parses a body and hands it over; reports the body as consumed when the
  /// owner's handler has returned.
  /// @returns errc::malformed_message if it cannot be parsed.
  std::function<status(session_ptr, session_number, std::string_view)> deliver;
};

/// Made by bind_owner only. A master has one for all of its agents.
using session_binding = std::shared_ptr<const owner_binding>;

/// How a session is run, besides what the peers agree on.
struct session_options {
  session_limits limits;
  session::PeerKind kind = session::PEER_KIND_UNKNOWN;
  /// What this side's frames carry; zero if this side does not lead.
  epoch own_epoch;
  /// For the owner to handle one body. An owner that takes longer is stuck,
  /// and the session ends.
  std::chrono::milliseconds owner_timeout{60'000};
};

/// What the accepting side knows of a session when it begins.
struct accepted_session {
  uint64_t session_id = 0;
  session::OpenSession request;
  session_endpoint peer;
};

struct session_state {
  static inline const char* name = "session";

  session_options options;
  /// Null once the session has ended.
  session_binding binding;
  session_number number = 0;
  session_endpoint peer;
  /// Empty until the session is open.
  std::optional<session_machine> machine;
  /// For people; empty until the session is open.
  std::string peer_software;
  /// On the dialing side: bodies that overtook the gateway's answer. At most
  /// one window of them.
  std::vector<session_frame> early_frames;
  size_t early_bytes = 0;
};

/// SESSION, on the side that was dialed: open from the start.
session_actor::behavior_type accepting_session(session_ptr self,
                                               session_options options,
                                               session_binding binding,
                                               accepted_session accepted);

/// SESSION, on the side that dials: opens with the gateway's answer.
session_actor::behavior_type dialing_session(session_ptr self,
                                             session_options options,
                                             session_binding binding);

/// The limits of a session at the dialing side, from its own and the gateway's
/// answer.
/// @returns errc::malformed_message if no session can live with the answer.
result<session_limits> agree(session_limits own,
                             const session::SessionOpened& opened,
                             const session_endpoint& peer);

/// Called by bindings: the owner has handled one body.
void body_consumed(session_ptr self);

/// Called by bindings: the owner did not handle a body. Ends the session.
void owner_failed(session_ptr self, const caf::error& reason);

/// Tells owner and peer of the end, and ends. Does nothing if the session has
/// ended already.
void end_session(session_ptr self, status reason);

/// Binds sessions to `owner`, which gets `Body` from them, all with the same
/// priority, and so in their order. An owner takes twice as many messages of
/// high as of normal priority while both wait.
template <class Body,
          caf::message_priority Priority = caf::message_priority::normal,
          class Owner>
session_binding bind_owner(const Owner& owner) {
  // By address: an owner holds its sessions, and must not be held by them.
  auto weak = caf::actor_cast<caf::actor_addr>(owner);
  auto binding = std::make_shared<owner_binding>();
  binding->owner = weak;
  binding->up = [weak](session_ptr self, session_up note) {
    if (auto to = caf::actor_cast<Owner>(weak))
      self->send<Priority>(to, std::move(note), session_actor{self});
  };
  binding->down = [weak](session_ptr self, session_down note) {
    if (auto to = caf::actor_cast<Owner>(weak))
      self->send<Priority>(to, std::move(note));
  };
  binding->deliver = [weak](session_ptr self, session_number number,
                            std::string_view bytes) -> status {
    Body body;
    if (!body.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
      return fail(errc::malformed_message,
                  "the peer sent " + std::to_string(bytes.size())
                    + " bytes that are no " + body.GetTypeName());
    auto to = caf::actor_cast<Owner>(weak);
    if (!to)
      return fail(errc::shutting_down, "the owner has ended");
    self
      ->request<Priority>(to, self->state.options.owner_timeout, number,
                          std::move(body))
      .then(
        [self] {
          body_consumed(self);
        },
        [self](const caf::error& reason) {
          owner_failed(self, reason);
        });
    return {};
  };
  return binding;
}

/// Sends `body` to the peer of `session`. The owner names the type that its
/// kind of session carries.
template <class Self, class Body>
void send_body(Self* self, const session_actor& session, const Body& body) {
  self->send(session, session_body{body.SerializeAsString()});
}

} // namespace agora
