// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/messaging/address.hpp"

#include <chrono>
#include <cstdint>
#include <utility>

namespace agora {

/// Closes its socket at the end of its life, unless it was taken.
class owned_socket {
public:
  explicit owned_socket(int fd = -1) noexcept : fd_(fd) {
    // nop
  }

  owned_socket(owned_socket&& other) noexcept : fd_(other.take()) {
    // nop
  }

  owned_socket& operator=(owned_socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  ~owned_socket();

  /// The descriptor, or -1.
  int get() const noexcept {
    return fd_;
  }

  /// Gives the descriptor to the caller, who closes it.
  int take() noexcept {
    return std::exchange(fd_, -1);
  }

private:
  int fd_;
};

/// How long the kernel keeps data that a peer does not acknowledge before it
/// gives the connection up. Without it, a peer that stopped reading keeps its
/// socket and everything buffered for it for ever.
inline constexpr std::chrono::milliseconds tcp_user_timeout{60'000};

/// Connections that wait to be accepted.
inline constexpr int tcp_backlog = 4'096;

/// How long a connection may be idle before the kernel asks whether the peer's
/// machine still exists. Sessions notice sooner; this is for connections on
/// which no session was ever opened.
inline constexpr std::chrono::seconds tcp_keepalive_idle{60};

/// Resolves and connects, trying each address of the host in turn. Blocks the
/// calling thread; name resolution may take longer than `timeout`.
/// @param timeout For all addresses together; those not tried yet share alike
///        in what is left.
/// @returns a non-blocking socket, or errc::unreachable, errc::timeout with the
///          address in the text.
result<owned_socket> tcp_connect(const node_address& to,
                                 std::chrono::milliseconds timeout);

/// A second descriptor of the same connection; -1 if there is none left.
owned_socket duplicate(int fd);

/// Ends a connection whoever holds its descriptors: those who read see its end.
void shut_down(const owned_socket& socket);

/// A listening socket and the port it got. The caller closes it.
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
