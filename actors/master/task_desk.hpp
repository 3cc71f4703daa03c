// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/master/master_context.hpp"
#include "storage/cluster/cluster_rules.hpp"

#include <map>
#include <string>

namespace agora {

/// Decides what is said about tasks that run: status updates from agents to
/// frameworks, acknowledgements back, kills, reconciliation, messages. Owned
/// by the master machine.
///
/// STARTING and RUNNING are proposed and forwarded at once; a terminal state
/// is forwarded, and acknowledged to its agent, only after it is committed.
class task_desk {
public:
  explicit task_desk(master_context& context);

  // -- from an attached agent -------------------------------------------------

  void confirm(const agent_id& agent, const session::TasksConfirmed& note);

  void take_statuses(const agent_id& agent, session::TaskStatuses& statuses);

  void executor_ended(const agent_id& agent,
                      const session::ExecutorEnded& note);

  void message_to_framework(const agent_id& agent,
                            const session::FrameworkMessage& message);

  // -- from a connected framework ---------------------------------------------

  void acknowledge(const framework_id& framework,
                   const v1::scheduler::Call::Acknowledge& call);

  void kill(const framework_id& framework,
            const v1::scheduler::Call::Kill& call);

  /// Answers what was asked for. A call without tasks means all of the
  /// framework's; they come in slices, so that their answers fit its session.
  void reconcile(const framework_id& framework,
                 const v1::scheduler::Call::Reconcile& call);

  /// The next slice of each framework whose answers are not complete.
  void go_on_reconciling();

  bool is_reconciling() const {
    return !reconciling_.empty();
  }

  void message_to_executor(const framework_id& framework,
                           const v1::scheduler::Call::Message& call);

  void shutdown_executor(const framework_id& framework,
                         const v1::scheduler::Call::Shutdown& call);

  // -- applied entries --------------------------------------------------------

  /// Sends what became final, and what only the master knew.
  /// @param reported The state came from an agent: if it was not terminal, its
  ///                 framework has heard it already.
  void transitions_applied(const applied_entry& applied, bool reported);

  void acknowledgement_applied(const task_acknowledged& done);

  void kill_applied(const kill_requested& kill);

  /// The agent is unreachable or gone. Ends that nobody has acknowledged are
  /// sent again by the master, as the agent cannot.
  void agent_lost(const agent_id& agent);

private:
  void forward(const framework_id& framework, const v1::TaskStatus& update);

  void acknowledge_to_agent(const agent_id& agent, const task_key& key,
                            const std::string& uuid);

  void kill_on_agent(const agent_id& agent, const task_key& key,
                     const v1::KillPolicy* policy);

  void take_status(const agent_id& agent, session::TaskStatusEntry& entry);

  /// A status of a task that the log has no more, or never had.
  void take_unknown(const agent_id& agent, const task_key& key,
                    const v1::TaskStatus& update, launch_fate fate);

  /// The state of one task, or nothing while that may not be said.
  std::optional<v1::TaskStatus> state_of(const framework_record& framework,
                                         const task_id& task,
                                         const agent_id& agent) const;

  /// Logs that the framework wants the task's end.
  void request_kill(const framework_id& framework,
                    const v1::scheduler::Call::Kill& call);

  void answer(const framework_id& framework, v1::TaskStatus update);

  void reconcile_slice(const framework_id& framework);

  master_context& context_;
  /// Frameworks that are being told of all of their tasks: the id of the next
  /// one.
  std::map<framework_id, std::string> reconciling_;
};

} // namespace agora
