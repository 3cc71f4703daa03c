// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/messaging/address.hpp"
#include "runtime/messaging/session_frame.hpp"

#include <caf/actor_addr.hpp>
#include <caf/fwd.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <string>

namespace agora {

/// LINK: reaches another node's gateway. Replaced as a whole by simulation and
/// fault injection.
using link_actor = caf::typed_actor<
  // From a connector: host and port. Fails: unreachable, timeout,
  // version_mismatch (not a gateway), limit_reached (too many dials at once).
  caf::replies_to<std::string, uint16_t>::with<gateway_actor>>;

struct tcp_link_options {
  /// For the TCP connection to be made.
  std::chrono::milliseconds connect_timeout{3'000};
  /// For the peer to answer CAF's own handshake.
  std::chrono::milliseconds handshake_timeout{5'000};
  /// Attempts under way, each on a thread of its own: one address that
  /// swallows packets never holds up another.
  size_t dials_limit = 64;
};

struct tcp_link_state {
  static inline const char* name = "tcp-link";

  tcp_link_options options;
  size_t dials = 0;
};

/// The link over TCP. CAF's own remote_actor() is not used: it connects one
/// peer at a time on one thread for the whole process, without a timeout, and
/// answers from a cache of nodes that may be dead.
link_actor::behavior_type
tcp_link(link_actor::stateful_pointer<tcp_link_state> self,
         tcp_link_options options);

/// Spawns a link that ends with its user. CAF keeps the timer of a request
/// also when it is answered, and the timer keeps its actor: a link that nobody
/// ends holds up its process for minutes after the last handle is gone.
link_actor spawn_tcp_link(caf::actor_system& system, const caf::actor_addr& user,
                          tcp_link_options options = {});

} // namespace agora
