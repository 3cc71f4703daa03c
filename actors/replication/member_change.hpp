// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/replication/peer_sessions.hpp"
#include "runtime/base/result.hpp"
#include "storage/log/replicated_log.hpp"

#include "agora/session/tool.pb.h"

#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace agora {

/// A change of the members that somebody waits for: one at a time.
///
///     awaiting the new member (add only) --> in the log --> committed
///
/// A hand-over of leadership has no entry: it is done when another leads.
class member_change {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using promise = caf::typed_response_promise<session::Done>;

  member_change(session::ChangeMasters what, promise answer,
                time_point deadline);

  /// Goes on as far as possible.
  /// @returns whether it is over; then it has been answered.
  bool proceed(replicated_log& log, const peer_sessions& peers, time_point now);

  /// Where a member must be dialed that is none yet; empty if there is none.
  std::string new_address() const;

private:
  bool answer(status failed);
  status begin(replicated_log& log, const peer_sessions& peers);
  status begin_add(replicated_log& log, const peer_sessions& peers);
  bool is_done(const replicated_log& log) const;

  session::ChangeMasters what_;
  promise answer_;
  time_point deadline_;
  /// Which entry has to be committed, of which term.
  std::optional<log_position> entry_;
  /// Who shall lead.
  std::optional<member_uid> successor_;
};

/// What is wrong with a request for a change, before it is tried.
/// @returns errc::invalid_argument, errc::already_exists, errc::not_found.
status check_change(const session::ChangeMasters& what,
                    const configuration& members);

/// The member that people call `number`; null if there is none.
const log_member* member_with_number(const configuration& members,
                                     uint32_t number);

/// Gives votes to learners that have caught up: a leader does it on its own, so
/// that a change of the leader in between forgets none.
void promote_learners(replicated_log& log);

/// The members as this replica knows them.
session::MasterList list_members(const replicated_log& log,
                                 const peer_sessions& peers);

} // namespace agora
