// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/messaging/tcp_link_actor.hpp"

#include "runtime/base/result.hpp"
#include "runtime/messaging/tcp_socket.hpp"

#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/network/multiplexer.hpp>

#include <unistd.h>

#include <set>

namespace agora {

namespace {

using self_ptr = link_actor::stateful_pointer<tcp_link_state>;
using promise = caf::typed_response_promise<gateway_actor>;

/// For the system to resolve a name, on top of the time to connect. Longer
/// than any resolver's own patience: an answer after it would leak its socket.
constexpr std::chrono::minutes resolve_timeout{5};

/// Blocks on one connect, answers with the socket, ends. Spawned detached.
using dialer_actor
  = caf::typed_actor<caf::replies_to<std::string, uint16_t>::with<int>>;

dialer_actor::behavior_type dialer(dialer_actor::pointer self,
                                   std::chrono::milliseconds timeout) {
  return {
    [self, timeout](const std::string& host,
                    uint16_t port) -> caf::result<int> {
      self->quit();
      auto fd = tcp_connect(node_address{host, port}, timeout);
      if (!fd)
        return std::move(fd.error());
      return *fd;
    },
  };
}

bool is_gateway(self_ptr self, const std::set<std::string>& offered) {
  auto& system = self->system();
  return system.assignable(
    offered, system.message_types(caf::detail::type_list<gateway_actor>{}));
}

/// Hands the connected socket to CAF, which asks the peer who it is.
void shake_hands(self_ptr self, int fd, node_address to, promise answer) {
  auto& middleman = self->system().middleman();
  auto scribe = middleman.backend().new_scribe(fd);
  auto broker = middleman.named_broker<caf::io::basp_broker>(caf::atom("BASP"));
  self
    ->request(broker, self->state.options.handshake_timeout,
              caf::connect_atom::value, std::move(scribe), to.port)
    .then(
      [self, to, answer](const caf::node_id&, caf::strong_actor_ptr& peer,
                         const std::set<std::string>& offered) mutable {
        --self->state.dials;
        if (!peer || !is_gateway(self, offered))
          answer.deliver(fail(errc::version_mismatch,
                              to_string(to)
                                + " answers, but not as a node of Agora"));
        else
          answer.deliver(caf::actor_cast<gateway_actor>(peer));
      },
      [self, to, answer](const caf::error&) mutable {
        --self->state.dials;
        answer.deliver(
          fail(errc::timeout,
               to_string(to) + " accepts connections, but does not answer as "
                               "a node of Agora"));
      });
}

} // namespace

link_actor::behavior_type tcp_link(self_ptr self, tcp_link_options options) {
  self->state.options = options;
  return {
    [self](const std::string& host,
           uint16_t port) -> caf::result<gateway_actor> {
      auto& state = self->state;
      if (state.dials >= state.options.dials_limit)
        return fail(errc::limit_reached, "too many connections are being made");
      ++state.dials;
      auto answer = self->make_response_promise<gateway_actor>();
      auto timeout = state.options.connect_timeout;
      auto worker = self->spawn<caf::detached>(dialer, timeout);
      self->request(worker, timeout + resolve_timeout, host, port)
        .then(
          [self, host, port, answer](int fd) {
            shake_hands(self, fd, node_address{host, port}, answer);
          },
          [self, host, answer](caf::error& reason) mutable {
            --self->state.dials;
            if (reason == caf::sec::request_timeout)
              reason = fail(errc::timeout,
                            "cannot resolve \"" + host + "\" in time");
            answer.deliver(std::move(reason));
          });
      return answer;
    },
  };
}

} // namespace agora
