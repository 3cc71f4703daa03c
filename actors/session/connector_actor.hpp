// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/interfaces.hpp"
#include "actors/session/dial_backoff.hpp"
#include "actors/session/session_actor.hpp"
#include "runtime/messaging/address.hpp"
#include "runtime/messaging/tcp_link_actor.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace agora {

struct connector_options {
  /// Tried in turn; at least one.
  std::vector<node_address> addresses;
  session_options session;
  /// How this node introduces itself; see also connector_actor's messages.
  session::OpenSession introduction;
  /// For a gateway to answer.
  std::chrono::milliseconds open_timeout{5'000};
  dial_backoff_settings backoff;
  /// A session that lived for this long ends the backoff.
  std::chrono::milliseconds settled_after{10'000};
  /// Where the scatter of the waits begins; drawn by chance if it is not given.
  std::optional<uint64_t> scatter_seed;
};

struct connector_state {
  static inline const char* name = "connector";

  connector_options options;
  link_actor link;
  session_binding binding;
  std::function<void(const dial_failed&)> failed;

  size_t next_address = 0;
  /// Counts the sessions that were begun.
  uint64_t attempt = 0;
  std::optional<dial_backoff> backoff;
  /// The session that is open or being opened.
  session_actor session;
  std::chrono::steady_clock::time_point opened_at;
  bool open = false;
};

using connector_ptr = connector_actor::stateful_pointer<connector_state>;

/// CONNECTOR: keeps one session open for `binding`'s owner.
/// @param failed Tells the owner of an attempt that failed.
connector_actor::behavior_type
connector(connector_ptr self, connector_options options, link_actor link,
          session_binding binding,
          std::function<void(const dial_failed&)> failed);

/// Spawns the connector of `owner`, which gets `Body` and dial_failed.
template <class Body, class System, class Owner>
connector_actor spawn_connector(System& system, const Owner& owner,
                                connector_options options, link_actor link) {
  auto weak = caf::actor_cast<caf::actor_addr>(owner);
  auto failed = [weak](const dial_failed& note) {
    if (auto to = caf::actor_cast<Owner>(weak))
      caf::anon_send(to, note);
  };
  return system.spawn(connector, std::move(options), std::move(link),
                      bind_owner<Body>(owner), std::move(failed));
}

/// Spawns a connector for each of the addresses: `owner` keeps a session to all
/// of them. What else `options` say holds for each.
template <class Body, class System, class Owner>
std::vector<connector_actor>
spawn_connectors(System& system, const Owner& owner,
                 const connector_options& options, const link_actor& link) {
  std::vector<connector_actor> spawned;
  for (auto& address : options.addresses) {
    auto one = options;
    one.addresses = {address};
    if (one.scatter_seed)
      *one.scatter_seed += spawned.size();
    spawned.push_back(
      spawn_connector<Body>(system, owner, std::move(one), link));
  }
  return spawned;
}

} // namespace agora
