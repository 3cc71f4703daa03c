// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/messaging/tcp_link_actor.hpp"

#include "runtime/base/result.hpp"
#include "runtime/messaging/tcp_socket.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/network/multiplexer.hpp>

#include <memory>
#include <set>

namespace agora {

namespace {

/// A connected socket, as a message that is copied.
struct connection {
  std::shared_ptr<owned_socket> socket;
};

} // namespace

} // namespace agora

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::connection)

namespace agora {

namespace {

using self_ptr = link_actor::stateful_pointer<tcp_link_state>;
using promise = caf::typed_response_promise<gateway_actor>;

/// For the system to resolve a name, on top of the time to connect. Longer
/// than any resolver's own patience.
constexpr std::chrono::minutes resolve_timeout{5};

/// Blocks on one connect, answers with the socket, ends. Spawned detached. An
/// answer that nobody takes closes its socket.
using dialer_actor
  = caf::typed_actor<caf::replies_to<std::string, uint16_t>::with<connection>>;

dialer_actor::behavior_type dialer(dialer_actor::pointer self,
                                   std::chrono::milliseconds timeout) {
  return {
    [self, timeout](const std::string& host,
                    uint16_t port) -> caf::result<connection> {
      self->quit();
      auto fd = tcp_connect(node_address{host, port}, timeout);
      if (!fd)
        return std::move(fd.error());
      return connection{std::make_shared<owned_socket>(std::move(*fd))};
    },
  };
}

bool is_gateway(self_ptr self, const std::set<std::string>& offered) {
  auto& system = self->system();
  return system.assignable(
    offered, system.message_types(caf::detail::type_list<gateway_actor>{}));
}

/// What CAF's handshake failed with, in words for people.
status explain(const caf::error& reason, const node_address& to) {
  if (reason == caf::sec::request_timeout
      || reason == caf::sec::connection_timeout)
    return fail(errc::timeout,
                to_string(to)
                  + " accepts connections, but does not answer as "
                    "a node of Agora");
  if (reason == caf::sec::disconnect_during_handshake)
    return fail(errc::unreachable, to_string(to)
                                     + " accepts connections and closes them; "
                                       "is it a node of Agora?");
  return fail(errc::version_mismatch,
              to_string(to) + " answers, but not as a node of Agora");
}

/// Hands the connected socket to CAF, which asks the peer who it is. CAF never
/// gives up on a peer that does not say: so the connection is then ended here,
/// through a descriptor of our own.
void shake_hands(self_ptr self, owned_socket socket, node_address to,
                 promise answer) {
  auto& middleman = self->system().middleman();
  auto own = std::make_shared<owned_socket>(duplicate(socket.get()));
  auto scribe = middleman.backend().new_scribe(socket.take());
  auto broker = middleman.named_broker<caf::io::basp_broker>(caf::atom("BASP"));
  self
    ->request(broker, self->state.options.handshake_timeout,
              caf::connect_atom::value, std::move(scribe), to.port)
    .then(
      [self, to, answer](const caf::node_id&, caf::strong_actor_ptr& peer,
                         const std::set<std::string>& offered) mutable {
        --self->state.dials;
        if (!peer || !is_gateway(self, offered))
          answer.deliver(
            fail(errc::version_mismatch,
                 to_string(to) + " answers, but not as a node of Agora"));
        else
          answer.deliver(caf::actor_cast<gateway_actor>(peer));
      },
      [self, to, answer, own](const caf::error& reason) mutable {
        --self->state.dials;
        shut_down(*own);
        answer.deliver(explain(reason, to));
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
          [self, host, port, answer](connection& made) {
            shake_hands(self, std::move(*made.socket), node_address{host, port},
                        answer);
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

link_actor spawn_tcp_link(caf::actor_system& system, const caf::actor_addr& user,
                          tcp_link_options options) {
  return system.spawn([user, options](self_ptr self) {
    self->monitor(user);
    self->set_down_handler([self](const caf::down_msg&) { self->quit(); });
    return tcp_link(self, options);
  });
}

} // namespace agora
