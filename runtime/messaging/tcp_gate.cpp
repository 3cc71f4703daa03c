// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/messaging/tcp_gate.hpp"

#include "runtime/messaging/tcp_socket.hpp"

#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/network/multiplexer.hpp>
#include <caf/scoped_actor.hpp>

namespace agora {

namespace {

using namespace std::chrono_literals;

/// For CAF's network thread to take over the socket.
constexpr auto publish_timeout = 5s;

} // namespace

result<uint16_t> open_gate(caf::actor_system& system,
                           const gateway_actor& gateway,
                           const std::string& host, uint16_t port) {
  auto listener = tcp_listen(host, port);
  if (!listener)
    return std::move(listener.error());
  auto& middleman = system.middleman();
  auto doorman = middleman.backend().new_doorman(listener->socket);
  auto interface = system.message_types(
    caf::detail::type_list<gateway_actor>{});
  auto broker = middleman.named_broker<caf::io::basp_broker>(caf::atom("BASP"));
  caf::scoped_actor self{system};
  result<uint16_t> outcome{listener->port};
  self
    ->request(broker, publish_timeout, caf::publish_atom::value,
              std::move(doorman), listener->port,
              caf::actor_cast<caf::strong_actor_ptr>(gateway),
              std::move(interface))
    .receive([] {},
             [&](caf::error&) {
               outcome = fail(errc::timeout,
                              "the network thread did not take the listening "
                              "socket over");
             });
  return outcome;
}

void close_gate(caf::actor_system& system, const gateway_actor& gateway,
                uint16_t port) {
  system.middleman().unpublish(gateway, port);
}

} // namespace agora
