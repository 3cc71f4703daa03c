// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/gateway/admission_policy.hpp"
#include "actors/gateway/open_sessions.hpp"
#include "actors/interfaces.hpp"
#include "actors/session/session_actor.hpp"

#include <map>

namespace agora {

struct gateway_options {
  /// Its kinds are those of `services`, whatever is set here.
  admission_policy admission;
  /// What this node's frames carry; zero on nodes that do not lead. This and
  /// the cluster change with node_standing.
  epoch own_epoch;
  session_limits limits;
  /// The owner of each kind of session that is served here.
  std::map<session::PeerKind, session_binding> services;
};

struct gateway_state {
  static inline const char* name = "gateway";

  gateway_options options;
  uint64_t next_session_id = 1;
  open_sessions open;
};

/// GATEWAY: the only actor published on a node's port.
local_gateway_actor::behavior_type
gateway(local_gateway_actor::stateful_pointer<gateway_state> self,
        gateway_options options);

} // namespace agora
