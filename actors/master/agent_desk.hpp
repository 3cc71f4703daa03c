// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/master/master_context.hpp"
#include "actors/master/offer_desk.hpp"

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace agora {

/// Decides which agents belong to the cluster and can be talked to:
/// admission, attachment, loss, unreachability. Owned by the master machine.
class agent_desk {
public:
  agent_desk(master_context& context, offer_desk& offers);

  /// Starts to wait for every agent that the log knows.
  void begin();

  /// The first message of an agent's session.
  void attach(session_number session, session::AttachAgent& request);

  /// The agent's session has ended.
  /// @param silent_for How long nothing had come from the agent by then: that
  ///                   time counts towards its timeout.
  void session_lost(session_number session, const status& reason,
                    std::chrono::nanoseconds silent_for);

  /// Marks agents unreachable that stayed away for too long.
  void give_up_overdue();

  /// AgentAdmitted or AgentAttached of this leader was applied or rejected.
  void attachment_applied(const applied_entry& applied,
                          const proposed_attach& why);

  /// AgentUnreachable or AgentGone was applied.
  void change_applied(const agent_change& change);

  /// TaskAdopted was applied: its agent reports it again.
  void adoption_applied(const cluster::TaskAdopted& adopted);

private:
  void refuse(session_number session, const status& why);

  /// A session speaks for one agent only.
  status check_session(session_number session, const std::string& uid) const;

  /// What the log says of the agent is not (or no longer) true: nobody can
  /// talk to it. Starts to wait for it.
  void log_loss(const agent_record& agent, std::string reason,
                std::chrono::nanoseconds patience);

  /// An attachment was rejected that may have replaced another.
  void attachment_failed(const std::string& uid);

  /// Makes the agent unavailable before the log says so.
  void withdraw(const agent_id& agent);

  master_context& context_;
  offer_desk& offers_;
  /// The newest attachment of each agent, by uid, that is proposed and not yet
  /// applied. Older ones have no effect any more.
  struct attaching {
    uint64_t number = 0;
    session_number session = 0;
  };
  std::map<std::string, attaching> attaching_;
  /// Which agent each session is attaching as, by uid.
  std::map<session_number, std::string> attaching_sessions_;
  uint64_t last_proposed_ = 0;
  /// When agents were last marked unreachable, and how many in that second.
  offer_book::time_point rate_second_{};
  uint32_t marked_in_second_ = 0;
};

} // namespace agora
