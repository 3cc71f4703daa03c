// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/interfaces.hpp"
#include "storage/consensus/configuration.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace agora {

/// Who a replica says that it is.
struct replica_introduction {
  member_uid uid;
  /// 0 if it was not told any.
  uint32_t number = 0;
  /// Empty if it belongs to none yet.
  std::string cluster_id;
};

/// The sessions that a replica has with others. There may be two with each
/// member, because both dial; what is said goes by the newest.
class peer_sessions {
public:
  /// So many at most: members, those that wait to be taken in, and what is left
  /// of broken connections.
  static constexpr size_t limit = 4 * configuration::members_limit;

  /// @returns false if there are too many.
  bool opened(session_number number, const session_actor& session);

  /// The peer has said who it is.
  void introduced(session_number number, replica_introduction who);

  /// @returns the member with which there is no session any more, if there was
  ///          one and this was the last.
  std::optional<member_uid> closed(session_number number);

  /// Null if the peer has not introduced itself.
  const replica_introduction* find(session_number number) const;

  session_actor session(session_number number) const;

  /// Of all peers, introduced or not.
  std::vector<session_actor> sessions() const;

  /// A way to `who`; null if there is none.
  session_actor session_with(member_uid who) const;

  /// Whoever says that it has this number.
  std::optional<replica_introduction> with_number(uint32_t number) const;

private:
  struct peer {
    session_actor session;
    std::optional<replica_introduction> who;
  };

  /// By number: the newest is the last.
  std::map<session_number, peer> peers_;
};

} // namespace agora
