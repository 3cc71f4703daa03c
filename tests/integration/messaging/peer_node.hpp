// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/gateway/gateway_actor.hpp"
#include "actors/session/connector_actor.hpp"
#include "runtime/base/check.hpp"
#include "runtime/messaging/tcp_gate.hpp"
#include "runtime/messaging/tcp_socket.hpp"
#include "runtime/node/node_config.hpp"

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <poll.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace agora::test {

/// Longer than anything takes; waiting ends with what is waited for.
inline constexpr std::chrono::seconds patience{40};

inline size_t open_descriptors() {
  size_t count = 0;
  for (auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    count += entry.is_symlink() ? 1 : 0;
  return count;
}

/// A socket on loopback which knows nothing of nodes.
class plain_socket {
public:
  plain_socket()
    : plain_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    // nop
  }

  explicit plain_socket(int fd) : fd_(fd) {
    AGORA_CHECK(fd >= 0);
    timeval limit{patience.count(), 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }

  /// @returns the port that the system chose.
  uint16_t bind() {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof to;
    auto* address = reinterpret_cast<sockaddr*>(&to);
    AGORA_CHECK(::bind(fd_.get(), address, size) == 0);
    AGORA_CHECK(::getsockname(fd_.get(), address, &size) == 0);
    port_ = ntohs(to.sin_port);
    return port_;
  }

  void listen(int backlog) {
    AGORA_CHECK(::listen(fd_.get(), backlog) == 0);
  }

  plain_socket accept() {
    return plain_socket{::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
  }

  /// Connects until nobody gets through any more: what comes then is dropped,
  /// as by a firewall.
  std::vector<owned_socket> fill_backlog() {
    std::vector<owned_socket> all;
    for (;;) {
      auto one
        = tcp_connect({"127.0.0.1", port_}, std::chrono::milliseconds{300});
      if (!one)
        return all;
      all.push_back(std::move(*one));
    }
  }

  void write(const std::string& text) {
    ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
  }

  /// Whether the other side hangs up.
  bool reads_end() {
    std::array<char, 256> bytes{};
    ssize_t count = 0;
    do {
      count = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
    } while (count > 0);
    return count == 0 || errno == ECONNRESET;
  }

private:
  owned_socket fd_;
  uint16_t port_ = 0;
};

/// What the owner in this process has seen. Any thread.
class seen_events {
public:
  template <class Change>
  void change(Change how) {
    std::lock_guard guard{mutex_};
    how(*this);
    changed_.notify_all();
  }

  /// @returns whether `condition` came true in time.
  template <class Condition>
  bool wait(Condition condition) {
    std::unique_lock guard{mutex_};
    return changed_.wait_for(guard, patience, condition);
  }

  size_t count_bodies() {
    std::lock_guard guard{mutex_};
    return bodies.size();
  }

  size_t ups = 0;
  session_actor session;
  std::vector<std::string> downs;
  std::vector<std::string> failures;
  std::vector<uint64_t> bodies;

private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

/// A node that dials, in this process.
class dialing_node {
public:
  using owner_actor = dialing_owner<session::ToolResponses>;

  explicit dialing_node(tcp_link_options options = {})
    : link_(system_.spawn(tcp_link, with_small_limits(options))) {
    // nop
  }

  ~dialing_node() {
    auto reason = caf::exit_reason::user_shutdown;
    seen_.change([](seen_events& seen) {
      seen.session = nullptr;
    });
    caf::anon_send_exit(owner_, reason);
    caf::anon_send_exit(link_, reason);
  }

  caf::actor_system& system() {
    return system_;
  }

  seen_events& seen() {
    return seen_;
  }

  /// The outcome of the link's dialing to `port`; errc::none is success, and
  /// errors of CAF's own are errc::io_failed.
  std::future<errc> dial(uint16_t port) {
    auto outcome = std::make_shared<std::promise<errc>>();
    auto future = outcome->get_future();
    system_.spawn([outcome, port, link = link_](caf::event_based_actor* self) {
      self->request(link, patience, std::string{"127.0.0.1"}, port)
        .then(
          [outcome](const gateway_actor&) {
            outcome->set_value(errc::none);
          },
          [outcome](const caf::error& reason) {
            auto code = code_of(reason);
            outcome->set_value(code == errc::none ? errc::io_failed : code);
          });
    });
    return future;
  }

  void connect(uint16_t port, const std::string& cluster,
               session_limits limits) {
    owner_ = system_.spawn(record, &seen_);
    connector_options options;
    options.addresses = {{"127.0.0.1", port}};
    options.session.kind = session::TOOL;
    options.session.limits = limits;
    auto& who = options.introduction;
    who.set_protocol_version(session_protocol_version);
    who.set_kind(session::TOOL);
    who.set_cluster_id(cluster);
    spawn_connector<session::ToolResponses>(system_, owner_, options, link_);
  }

  void send(uint64_t number) {
    session::ToolRequests body;
    body.add_requests()->set_id(number);
    send_bytes(body.SerializeAsString());
  }

  void send_bytes(std::string bytes) {
    session_actor session;
    seen_.change([&](seen_events& seen) {
      session = seen.session;
    });
    caf::anon_send(session, session_body{std::move(bytes)});
  }

private:
  static tcp_link_options with_small_limits(tcp_link_options options) {
    options.connect_timeout = std::chrono::milliseconds{5'000};
    options.dials_limit = 8;
    return options;
  }

  static owner_actor::behavior_type record(owner_actor::pointer,
                                           seen_events* events) {
    return {
      [events](const session_up&, const session_actor& session) {
        events->change([&](seen_events& seen) {
          ++seen.ups;
          seen.session = session;
        });
      },
      [events](session_number, const session::ToolResponses& body) {
        events->change([&](seen_events& seen) {
          seen.bodies.push_back(body.responses(0).id());
        });
      },
      [events](const session_down& note) {
        events->change([&](seen_events& seen) {
          seen.session = nullptr;
          seen.downs.push_back(describe(note.reason));
        });
      },
      [events](const dial_failed& note) {
        events->change([&](seen_events& seen) {
          seen.failures.push_back(describe(note.reason));
        });
      },
    };
  }

  seen_events seen_;
  node_config config_{2};
  caf::actor_system system_{config_};
  link_actor link_;
  owner_actor owner_;
};

/// A node that is dialed, in a process of its own: sends each request's number
/// back. Must be made while this process has one thread.
class forked_peer {
public:
  forked_peer() {
    std::array<int, 2> up{};
    std::array<int, 2> hold{};
    AGORA_CHECK(::pipe2(up.data(), O_CLOEXEC) == 0);
    AGORA_CHECK(::pipe2(hold.data(), O_CLOEXEC) == 0);
    pid_ = ::fork();
    AGORA_CHECK(pid_ >= 0);
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::close(hold[1]);
      serve(up[1], hold[0]);
      ::_exit(0);
    }
    ::close(up[1]);
    ::close(hold[0]);
    hold_ = owned_socket{hold[1]};
    owned_socket report{up[0]};
    AGORA_CHECK(::read(up[0], &port_, sizeof port_) == sizeof port_);
  }

  ~forked_peer() {
    kill();
  }

  uint16_t port() const {
    return port_;
  }

  void signal(int number) const {
    ::kill(pid_, number);
  }

  void kill() {
    if (pid_ <= 0)
      return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

private:
  using owner_actor = session_owner<session::ToolRequests>;

  static owner_actor::behavior_type echo(owner_actor::pointer self) {
    auto session = std::make_shared<session_actor>();
    return {
      [session](const session_up&, const session_actor& opened) {
        *session = opened;
      },
      [self, session](session_number, const session::ToolRequests& body) {
        session::ToolResponses answer;
        answer.add_responses()->set_id(body.requests(0).id());
        send_body(self, *session, answer);
      },
      [session](const session_down&) {
        *session = nullptr;
      },
    };
  }

  static void serve(int up, int hold) {
    node_config config{2};
    caf::actor_system system{config};
    auto owner = system.spawn(echo);
    gateway_options options;
    options.admission.cluster_id = "c1";
    options.admission.software = "peer 1";
    options.limits.window_messages = 16;
    options.services[session::TOOL] = bind_owner<session::ToolRequests>(owner);
    auto server = system.spawn(gateway, options);
    auto port = open_gate(system, server, "127.0.0.1", 0);
    AGORA_CHECK(port);
    AGORA_CHECK(::write(up, &*port, sizeof *port) == sizeof *port);
    // Until the test ends, or kills us.
    char ignored = 0;
    while (::read(hold, &ignored, 1) > 0) {
      // nop
    }
    ::_exit(0);
  }

  pid_t pid_ = -1;
  uint16_t port_ = 0;
  owned_socket hold_;
};

} // namespace agora::test
