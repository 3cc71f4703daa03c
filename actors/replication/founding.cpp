// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/replication/founding.hpp"

#include <algorithm>

namespace agora {

founding::founding(member_uid self, const replica_options& options) {
  members_.push_back({self, options.number, to_string(options.address)});
  for (auto& peer : options.peers)
    members_.push_back({{}, peer.number, to_string(peer.address)});
}

status founding::heard(const replica_introduction& who) {
  auto name = "master " + std::to_string(who.number);
  if (!who.cluster_id.empty())
    return fail(errc::conflict,
                name + " belongs to cluster " + who.cluster_id
                  + " already: if this one had a part in it and has lost its "
                    "disk, say 'agora masters remove' there, and then 'agora "
                    "masters add'");
  for (auto& member : members_)
    if (member.uid == who.uid && member.number != who.number)
      return fail(errc::conflict,
                  name + " and master " + std::to_string(member.number)
                    + " have the same data directory, or one is a copy of the "
                      "other: empty one of them");
  auto place
    = std::find_if(members_.begin() + 1, members_.end(), [&](auto& member) {
        return member.number == who.number;
      });
  if (place != members_.end())
    place->uid = who.uid;
  return {};
}

std::optional<result<configuration>> founding::members() const {
  for (auto& member : members_)
    if (member.uid == member_uid{})
      return std::nullopt;
  return configuration::make(members_);
}

std::string founding::awaited() const {
  std::string names;
  for (auto& member : members_)
    if (member.uid == member_uid{})
      names += (names.empty() ? "" : ", ") + std::to_string(member.number)
               + " at " + member.address;
  return names;
}

} // namespace agora
