// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/replication/peer_sessions.hpp"

#include <algorithm>
#include <utility>

namespace agora {

bool peer_sessions::opened(session_number number,
                           const session_actor& session) {
  if (peers_.size() >= limit)
    return false;
  peers_[number] = {session, std::nullopt};
  return true;
}

void peer_sessions::introduced(session_number number,
                               replica_introduction who) {
  auto found = peers_.find(number);
  if (found != peers_.end())
    found->second.who = std::move(who);
}

std::optional<member_uid> peer_sessions::closed(session_number number) {
  auto found = peers_.find(number);
  if (found == peers_.end())
    return std::nullopt;
  auto who = std::move(found->second.who);
  peers_.erase(found);
  if (!who || session_with(who->uid))
    return std::nullopt;
  return who->uid;
}

const replica_introduction* peer_sessions::find(session_number number) const {
  auto found = peers_.find(number);
  if (found == peers_.end() || !found->second.who)
    return nullptr;
  return &*found->second.who;
}

session_actor peer_sessions::session(session_number number) const {
  auto found = peers_.find(number);
  return found == peers_.end() ? session_actor{} : found->second.session;
}

std::vector<session_actor> peer_sessions::sessions() const {
  std::vector<session_actor> all;
  for (auto& [number, one] : peers_)
    all.push_back(one.session);
  return all;
}

session_actor peer_sessions::session_with(member_uid who) const {
  auto newest
    = std::find_if(peers_.rbegin(), peers_.rend(), [&](auto& candidate) {
        return candidate.second.who && candidate.second.who->uid == who;
      });
  return newest == peers_.rend() ? session_actor{} : newest->second.session;
}

std::optional<replica_introduction>
peer_sessions::with_number(uint32_t number) const {
  auto newest
    = std::find_if(peers_.rbegin(), peers_.rend(), [&](auto& candidate) {
        return candidate.second.who && candidate.second.who->number == number;
      });
  return newest == peers_.rend() ? std::nullopt : newest->second.who;
}

} // namespace agora
