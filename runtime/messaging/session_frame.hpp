// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/messaging/proto_inspect.hpp"

#include "agora/session/common.pb.h"

#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>

namespace agora {

/// Raised whenever a node could misread another's frames. Field additions in
/// the Protobuf bodies do not count.
inline constexpr uint32_t session_protocol_version = 1;

/// All that ever travels between two nodes once a session is open. The body
/// stays bytes here: the receiving session parses it within its size limit and
/// answers what it cannot read, where CAF would drop it silently.
struct session_frame {
  /// Given by the accepting side; frames of an older session are ignored.
  uint64_t session_id = 0;

  /// Counts the bodies of one direction from 1; 0 marks a frame without a
  /// body: a ping or a bare acknowledgement.
  uint64_t sequence = 0;

  /// The peer's newest sequence that this side's owner has consumed. Credit
  /// follows from it: a sender may have session_limits::window_* beyond it.
  uint64_t acknowledged = 0;

  /// The sender's epoch; both zero from a peer that does not lead.
  uint64_t generation = 0;
  uint64_t term = 0;

  /// A ping asks for an answer, so that silence means something.
  bool ping = false;

  /// Serialized AgentToMaster, MasterToAgent, ... by the session's kind.
  std::string body;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, session_frame& x) {
  return f(caf::meta::type_name("agora.session_frame"), x.session_id,
           x.sequence, x.acknowledged, x.generation, x.term, x.ping, x.body);
}

/// One end of a session, as the other end sees it. The only handles that
/// cross between nodes are this and the gateway's.
using session_endpoint = caf::typed_actor<
  // From the session's other end. Never answered.
  caf::reacts_to<session_frame>>;

/// GATEWAY: the only actor published on a node's port. Checks who asks, and
/// opens sessions.
using gateway_actor = caf::typed_actor<
  // From a dialing node, with the handle of its own end. Fails:
  // version_mismatch, wrong_cluster, invalid_argument (kind not served here),
  // limit_reached, shutting_down.
  caf::replies_to<session::OpenSession, session_endpoint>::with<
    session::SessionOpened, session_endpoint>>;

} // namespace agora
