// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/replication/peer_sessions.hpp"
#include "actors/replication/replica_options.hpp"
#include "runtime/base/result.hpp"
#include "storage/consensus/configuration.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace agora {

/// Founds a cluster: collects the uids of all the members that there shall be,
/// who must be there and must not belong to a cluster yet. So a member that has
/// lost its disk, and is told to found as before, finds the cluster that it
/// belonged to, and founds none.
class founding {
public:
  founding(member_uid self, const replica_options& options);

  /// A peer has introduced itself.
  /// @returns errc::conflict: it belongs to a cluster, or has another number
  ///          than was said, or its data directory is a copy: nothing can be
  ///          founded, and somebody has to look.
  status heard(const replica_introduction& who);

  /// The members, when all have been heard.
  std::optional<result<configuration>> members() const;

  /// The numbers of those that are awaited, for people.
  std::string awaited() const;

private:
  std::vector<log_member> members_;
};

} // namespace agora
