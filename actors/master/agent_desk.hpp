// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/master/master_context.hpp"
#include "actors/master/offer_desk.hpp"

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace agora {

/// Decides which agents belong to the cluster and can be talked to:
/// admission, attachment, comparison of what an agent holds with what the log
/// says, loss, unreachability. Owned by the master machine.
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

  /// What the agent holds, it has stored.
  void confirm_held(const agent_record& agent,
                    const session::AttachAgent& request);

  /// What the log says of the agent is not (or no longer) true: nobody can
  /// talk to it. Starts to wait for it.
  void log_loss(const agent_record& agent, std::string reason,
                std::chrono::nanoseconds patience);

  /// An attachment was rejected that may have replaced another.
  void attachment_failed(const std::string& uid);

  /// Makes the agent unavailable before the log says so.
  void withdraw(const agent_id& agent);

  /// What the agent holds and the log has no more: killed if the log shows
  /// that it ended, otherwise an orphan.
  std::vector<session::HeldTask>
  sort_out_held(session_number session, const agent_record& agent,
                const session::AttachAgent& request);

  /// The newest status of `held` has been acknowledged: the agent may forget
  /// it.
  void acknowledge(session_number session, const session::HeldTask& held);

  /// What the log has and the agent lacks: sent again if the agent has never
  /// confirmed it, otherwise ended by the field's rules.
  void sort_out_missing(const agent_record& agent,
                        const std::set<task_key>& held);

  void sort_out_executors(session_number session, const agent_record& agent,
                          const session::AttachAgent& request,
                          const std::set<task_key>& held_tasks);

  /// The agent says that the task is in another state than the log does: the
  /// agent's counts, and is logged. A task that was unreachable is back so, and
  /// one whose newest state a crash of the master swallowed.
  void take_over(const task_record& task, const session::HeldTask& held);

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
