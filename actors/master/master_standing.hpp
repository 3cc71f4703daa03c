// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/epoch.hpp"
#include "runtime/base/result.hpp"

#include "agora/session/common.pb.h"

#include <string>

namespace agora {

/// Who leads, as this master's log has told it last, and how that is said to
/// those who have sessions with it. Not a proof: who reads or proposes hears
/// from the log whether it is still so.
class master_standing {
public:
  /// @param own HOST:PORT where this master is reached, for people.
  explicit master_standing(std::string own) : own_(std::move(own)) {
    // nop
  }

  /// This master leads in `own_epoch`.
  void lead(epoch own_epoch);

  /// Another master leads, or none that is known.
  /// @param leader HOST:PORT; empty if none is known.
  /// @returns whether that is news to the peers.
  bool follow(std::string leader);

  bool leads() const {
    return leads_;
  }

  /// Zero if this master does not lead.
  epoch own_epoch() const {
    return epoch_;
  }

  /// HOST:PORT of the other master that leads; empty if none is known.
  const std::string& leader() const {
    return leader_;
  }

  /// What agents and schedulers are told.
  session::Leadership message() const;

  /// Why a request is refused: errc::not_leader, naming who leads.
  status refusal() const;

  /// Why sessions end when this master has stepped down.
  /// @param asked Whether the peer may have asked for changes of which nobody
  ///        knows any more whether they will be committed.
  status end_of_sessions(bool asked) const;

private:
  std::string own_;
  bool leads_ = false;
  epoch epoch_;
  std::string leader_;
};

} // namespace agora
