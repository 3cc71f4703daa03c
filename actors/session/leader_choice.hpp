// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/local_messages.hpp"
#include "runtime/base/epoch.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>

namespace agora {

/// A session whose master leads, with this epoch.
struct leader_session {
  session_number number = 0;
  epoch leads_with;

  friend bool operator==(const leader_session&, const leader_session&)
    = default;
};

/// Which of the open sessions to masters to work with: that of the master which
/// says that it leads with the newest epoch. A plain value; its owner has the
/// sessions and tells it what they say.
///
/// An epoch that is older than one that was ever said or obeyed is no choice: a
/// leader that was replaced may not have noticed yet. So there may be none even
/// if a master says that it leads.
class leader_choice {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Sessions that are tracked: more masters than any cluster has.
  static constexpr size_t sessions_limit = 32;

  /// For how long there may be sessions and no leader before it is worth a
  /// line in the log: elections are shorter.
  static constexpr std::chrono::seconds leaderless_patience{10};

  // -- inputs -----------------------------------------------------------------

  /// A session is open. `leads_with` is session_up::peer_epoch: zero if the
  /// master does not lead.
  /// @returns false if too many are: then it is not tracked.
  bool opened(session_number session, epoch leads_with, time_point now);

  /// The session is over. Nothing if it is not tracked.
  void closed(session_number session, time_point now);

  /// The master at the other end has said whether it leads. Nothing if the
  /// session is not tracked.
  /// @param with Counts only if it leads; must not be zero then.
  /// @returns whether this was news.
  bool said(session_number session, bool leads, epoch with, time_point now);

  /// The owner has obeyed a leader of this epoch, maybe in an earlier life.
  void obeyed(epoch of, time_point now);

  // -- outputs ----------------------------------------------------------------

  /// The session to work with, if any; of two with the same epoch, which lead
  /// to the same master, the older one.
  const std::optional<leader_session>& chosen() const {
    return chosen_;
  }

  /// Whether the master at the other end leads with an epoch that is too old.
  bool outdated(session_number session) const;

  /// How many sessions are open.
  size_t open() const {
    return sessions_.size();
  }

  /// The newest epoch that was said or obeyed; zero if there was none.
  epoch newest() const {
    return newest_;
  }

  /// When take_complaint() is due, if it is.
  std::optional<time_point> complaint_due() const;

  /// Whether masters have been reached for long, of which none leads. True
  /// once, until there is a leader again.
  bool take_complaint(time_point now);

private:
  void choose(time_point now);

  /// What each master leads with; zero: it does not lead.
  std::map<session_number, epoch> sessions_;
  epoch newest_;
  std::optional<leader_session> chosen_;
  /// Since when there are sessions and no choice.
  std::optional<time_point> leaderless_since_;
  bool complained_ = false;
};

} // namespace agora
