// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <caf/actor_addr.hpp>
#include <caf/node_id.hpp>

#include <cstddef>
#include <map>
#include <unordered_map>

namespace agora {

/// The sessions of a gateway, and over how many connections they run: there is
/// one connection between two nodes, for all sessions between them.
class open_sessions {
public:
  void add(caf::actor_id session, const caf::node_id& peer);

  /// Of a session that is not known: nothing.
  void remove(caf::actor_id session);

  size_t sessions() const {
    return nodes_of_.size();
  }

  size_t connections() const {
    return sessions_at_.size();
  }

  bool is_connected(const caf::node_id& peer) const {
    return sessions_at_.contains(peer);
  }

private:
  using session_counts = std::map<caf::node_id, size_t>;

  session_counts sessions_at_;
  /// Where in it a session counts.
  std::unordered_map<caf::actor_id, session_counts::iterator> nodes_of_;
};

} // namespace agora
