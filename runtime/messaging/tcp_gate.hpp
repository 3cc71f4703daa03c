// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/messaging/session_frame.hpp"

#include <caf/fwd.hpp>

#include <cstdint>
#include <string>

namespace agora {

/// Publishes `gateway` on a TCP port of this node, through a socket of our
/// own: CAF's publish() sets no TCP_USER_TIMEOUT, and tells nothing of why it
/// could not bind.
/// @param port 0 lets the system choose.
/// @returns the port, or the error of tcp_listen, or errc::timeout if CAF's
///          network thread does not answer. Call it from a plain thread.
result<uint16_t> open_gate(caf::actor_system& system,
                           const gateway_actor& gateway,
                           const std::string& host, uint16_t port);

/// Stops accepting connections on `port`. Open sessions stay.
void close_gate(caf::actor_system& system, const gateway_actor& gateway,
                uint16_t port);

} // namespace agora
