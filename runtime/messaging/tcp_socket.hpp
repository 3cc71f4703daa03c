// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/messaging/address.hpp"

#include <chrono>
#include <cstdint>

namespace agora {

/// How long the kernel keeps data that a peer does not acknowledge before it
/// gives the connection up. Without it, a peer that stopped reading keeps its
/// socket and everything buffered for it for ever.
inline constexpr std::chrono::milliseconds tcp_user_timeout{60'000};

/// Connections that wait to be accepted.
inline constexpr int tcp_backlog = 4'096;

/// Resolves and connects, trying each address of the host in turn. Blocks the
/// calling thread; name resolution may take longer than `timeout`.
/// @param timeout For all addresses together.
/// @returns a non-blocking socket that the caller owns, or errc::unreachable,
///          errc::timeout with the address in the text.
result<int> tcp_connect(const node_address& to,
                        std::chrono::milliseconds timeout);

/// A listening socket and the port it got.
struct tcp_listener {
  int socket = -1;
  uint16_t port = 0;
};

/// Binds and listens. Port 0 lets the system choose.
/// @param host A numeric address or a name that resolves to one of this
///             machine's.
/// @returns errc::unreachable, errc::permission_denied or errc::conflict (port
///          in use), with the address in the text.
result<tcp_listener> tcp_listen(const std::string& host, uint16_t port);

} // namespace agora
