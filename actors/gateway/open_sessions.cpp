// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/gateway/open_sessions.hpp"

namespace agora {

void open_sessions::add(caf::actor_id session, const caf::node_id& peer) {
  auto at = sessions_at_.try_emplace(peer, 0).first;
  ++at->second;
  nodes_of_.emplace(session, at);
}

void open_sessions::remove(caf::actor_id session) {
  auto known = nodes_of_.find(session);
  if (known == nodes_of_.end())
    return;
  auto at = known->second;
  nodes_of_.erase(known);
  if (--at->second == 0)
    sessions_at_.erase(at);
}

} // namespace agora
