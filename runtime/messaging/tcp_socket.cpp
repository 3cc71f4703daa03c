// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/messaging/tcp_socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <netdb.h>
#include <poll.h>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace agora {

namespace {

using namespace std::chrono;

using address_list = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

std::string text_of_errno(int code) {
  return std::generic_category().message(code);
}

result<address_list> resolve(const std::string& host, uint16_t port,
                             int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  auto service = std::to_string(port);
  auto code = ::getaddrinfo(host.c_str(), service.c_str(), &hints, &found);
  if (code != 0)
    return fail(errc::unreachable, "cannot resolve the host name \"" + host
                                     + "\": " + ::gai_strerror(code));
  return address_list{found, &::freeaddrinfo};
}

/// Options that both sides want. What it accepts inherits those of a listening
/// socket.
void set_options(int fd) {
  int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  auto limit = static_cast<unsigned>(tcp_user_timeout.count());
  ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit, sizeof limit);
  ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  auto idle = static_cast<int>(tcp_keepalive_idle.count());
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
}

int count(const addrinfo* list) {
  auto length = 0;
  for (; list != nullptr; list = list->ai_next)
    ++length;
  return length;
}

int pending_error(int fd) {
  int code = 0;
  socklen_t size = sizeof code;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) != 0)
    return errno;
  return code;
}

/// @returns 0, or the errno of the failed attempt.
int connect_one(int fd, const addrinfo& to, steady_clock::time_point deadline) {
  if (::connect(fd, to.ai_addr, to.ai_addrlen) == 0)
    return 0;
  if (errno != EINPROGRESS)
    return errno;
  for (;;) {
    auto left
      = duration_cast<milliseconds>(deadline - steady_clock::now()).count();
    if (left <= 0)
      return ETIMEDOUT;
    pollfd wait{fd, POLLOUT, 0};
    auto ready = ::poll(&wait, 1, static_cast<int>(std::min(left, 60'000L)));
    if (ready > 0)
      return pending_error(fd);
    if (ready < 0 && errno != EINTR)
      return errno;
  }
}

status listen_failed(const std::string& host, uint16_t port, int code) {
  auto text = "cannot listen on " + to_string(node_address{host, port}) + ": "
              + text_of_errno(code);
  if (code == EADDRINUSE)
    return fail(errc::conflict,
                text + "; stop the process that has it, or choose another");
  if (code == EACCES || code == EPERM)
    return fail(errc::permission_denied, text);
  return fail(errc::unreachable, text);
}

uint16_t port_of(int fd) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size) != 0)
    return 0;
  if (bound.ss_family == AF_INET6)
    return ntohs(reinterpret_cast<sockaddr_in6&>(bound).sin6_port);
  return ntohs(reinterpret_cast<sockaddr_in&>(bound).sin_port);
}

} // namespace

owned_socket::~owned_socket() {
  if (fd_ >= 0)
    ::close(fd_);
}

owned_socket duplicate(int fd) {
  return owned_socket{::fcntl(fd, F_DUPFD_CLOEXEC, 0)};
}

void shut_down(const owned_socket& socket) {
  if (socket.get() >= 0)
    ::shutdown(socket.get(), SHUT_RDWR);
}

result<owned_socket> tcp_connect(const node_address& to, milliseconds timeout) {
  auto addresses = resolve(to.host, to.port, 0);
  if (!addresses)
    return std::move(addresses.error());
  auto deadline = steady_clock::now() + timeout;
  auto code = EHOSTUNREACH;
  auto untried = count(addresses->get());
  for (auto* one = addresses->get(); one != nullptr; one = one->ai_next) {
    owned_socket fd{
      ::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (fd.get() < 0) {
      code = errno;
      --untried;
      continue;
    }
    set_options(fd.get());
    // One address that swallows packets must not use up the others' time.
    auto now = steady_clock::now();
    auto share = now + (deadline - now) / untried--;
    code = connect_one(fd.get(), *one, share);
    if (code == 0)
      return fd;
  }
  return fail(code == ETIMEDOUT ? errc::timeout : errc::unreachable,
              "cannot connect to " + to_string(to) + ": "
                + text_of_errno(code));
}

result<tcp_listener> tcp_listen(const std::string& host, uint16_t port) {
  auto addresses = resolve(host, port, AI_PASSIVE);
  if (!addresses)
    return std::move(addresses.error());
  auto code = EADDRNOTAVAIL;
  for (auto* one = addresses->get(); one != nullptr; one = one->ai_next) {
    owned_socket fd{
      ::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (fd.get() < 0) {
      code = errno;
      continue;
    }
    int on = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    set_options(fd.get());
    if (::bind(fd.get(), one->ai_addr, one->ai_addrlen) == 0
        && ::listen(fd.get(), tcp_backlog) == 0) {
      auto bound = port_of(fd.get());
      return tcp_listener{fd.take(), bound};
    }
    code = errno;
  }
  return listen_failed(host, port, code);
}

} // namespace agora
