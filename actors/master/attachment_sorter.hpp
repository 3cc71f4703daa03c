// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/master/master_context.hpp"
#include "actors/master/offer_desk.hpp"
#include "storage/cluster/cluster_rules.hpp"

#include <set>
#include <vector>

namespace agora {

/// Compares what an agent that has just attached holds with what the log says
/// it shall have. The log says what shall exist, the agent what does run: the
/// agent's newer state wins and is logged, what it lacks is sent again or ends,
/// what has ended by the log is ended, and what the log never had is left to an
/// operator. Lives for one attachment.
class attachment_sorter {
public:
  attachment_sorter(master_context& context, offer_desk& offers,
                    session_number session, const agent_record& agent,
                    const session::AttachAgent& request);

  /// Tells the agent what it has to do, proposes what has to be logged, and
  /// returns the orphans: what runs there and the log never had.
  std::vector<session::HeldTask> sort_out();

private:
  launch_fate fate_of(const session::HeldTask& held) const;

  std::vector<session::HeldTask> sort_out_held();

  /// The agent holds the task that the log has: what one knows, the other
  /// learns.
  void catch_up(const task_record& task, const session::HeldTask& held);

  /// The agent says that the task is in another state than the log does: the
  /// agent's counts, and is logged. A task that was unreachable is back so, and
  /// one whose newest state a crash of the master swallowed.
  void take_over(const task_record& task, const session::HeldTask& held);

  /// @param policy May be null.
  void kill(const session::HeldTask& held, const v1::KillPolicy* policy);

  /// The newest status of `held` has been acknowledged: the agent may forget
  /// it.
  void acknowledge(const session::HeldTask& held);

  /// What the agent holds, it has stored.
  void confirm_held();

  /// What the log has and the agent lacks: sent again if the agent has never
  /// confirmed it, otherwise ended by the field's rules.
  void sort_out_missing();

  void sort_out_executors();

  master_context& context_;
  offer_desk& offers_;
  session_number session_;
  const agent_record& agent_;
  const session::AttachAgent& request_;
  /// Tasks that both have.
  std::set<task_key> held_;
};

} // namespace agora
