// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/cluster/cluster_rules.hpp"
#include "storage/cluster/cluster_state.hpp"

#include <cstdint>
#include <map>
#include <tuple>

namespace agora {

/// Applies one entry to the state: judges it by the rules, and only then
/// changes records, adds their stored form to the batch, and notes the effects.
/// Lives for one entry; private to cluster_state.
class cluster_applier {
public:
  cluster_applier(cluster_state& state, applied_entry& out,
                  write_batch& changes);

  /// @returns why the entry is rejected; nothing has changed then.
  status apply(const cluster::Entry& entry);

private:
  /// Whether the stored form of what is removed is still there; otherwise the
  /// caller has erased it as a part of a range.
  enum class stored_form : uint8_t { there, erased };

  // -- one entry each ---------------------------------------------------------

  status dispatch(const cluster::Entry& entry);

  /// Nothing is applied that an older member would not have understood.
  status check_version(const cluster::Entry& entry) const;

  status on(const cluster::ClusterFounded& what, uint32_t version);
  status on(const cluster::ClusterVersionRaised& what, uint32_t version);
  status on(const cluster::TermStarted& what);

  status on(const cluster::AgentAdmitted& what);
  status on(const cluster::AgentAttachedEntry& what);
  status on(const cluster::AgentDetached& what);
  status on(const cluster::AgentUnreachable& what);
  status on(const cluster::AgentGone& what);

  status on(const cluster::FrameworkSubscribed& what);
  status on(const cluster::FrameworkDisconnected& what);
  status on(const cluster::FrameworkUpdated& what);
  status on(const cluster::FrameworkEnded& what);

  status on(const cluster::TasksAccepted& what);
  status on(const cluster::TaskAdopted& what);

  status on(const cluster::TasksConfirmedEntry& what);
  status on(const cluster::TaskStatusLogged& what);
  status on(const cluster::StatusAcknowledged& what);
  status on(const cluster::KillRequested& what);
  status on(const cluster::ExecutorEndedEntry& what);

  // -- agents -----------------------------------------------------------------

  agent_record& agent(const v1::AgentID& id);
  void attach(agent_record& which, const cluster::AgentAttachedEntry& what,
              bool admitted);
  void set_state(agent_record& which, cluster::AgentState state);
  void count_again(agent_record& which);
  void forget_gone_agents();

  /// Ends, or makes unreachable, what an agent has that did not end.
  void lose_tasks(agent_record& which, v1::TaskState for_partition_aware,
                  v1::TaskStatus::Reason reason, const std::string& message);

  // -- frameworks -------------------------------------------------------------

  framework_record& framework(const v1::FrameworkID& id);
  framework_record& create_framework();
  void end_tasks(framework_record& which, const std::string& reason);
  void end_executors(framework_record& which);
  void remember_end(framework_record& which);

  // -- tasks and executors ----------------------------------------------------

  /// Null if there is none.
  task_record* find_task(const v1::FrameworkID& framework,
                         const v1::TaskID& task);
  task_record& start_task(framework_record& owner, agent_record& place,
                          const cluster::AcceptedTask& what,
                          const std::string& role, resources amount);
  void start_executors(framework_record& owner, agent_record& place,
                       const std::string& role, launch_demand& demand);
  void launch(framework_record& owner, agent_record& place,
              const cluster::TasksAccepted& what, int index);
  void refuse(const cluster::TasksAccepted& what, int index,
              const status& reason);
  void end_executor(executor_record& which,
                    stored_form form = stored_form::there);

  /// A status as the master gives it.
  v1::TaskStatus made_status(v1::TaskState state, v1::TaskStatus::Reason reason,
                             const std::string& message) const;

  /// Gives the task its new state, and frees what it holds if that is
  /// terminal; its stored state is left to the caller.
  void change_state(task_record& task, v1::TaskStatus news);

  // -- history ----------------------------------------------------------------

  /// Of `ending` tasks that one entry ends, how many (the first) would be
  /// forgotten before the entry is over: they are never written.
  size_t passing_of(size_t ending) const;

  /// Moves an ended task to the history. With `lasts` false, the caller knows
  /// that it would be forgotten before the entry is over.
  void archive(task_record& task, bool lasts = true,
               stored_form form = stored_form::there);

  /// Removes the task's record.
  void drop(task_record& task, stored_form form);

  // -- resources --------------------------------------------------------------

  void acquire(agent_record& place, framework_record& owner,
               const std::string& role, const resources& amount);
  void release(agent_record& place, framework_record& owner,
               const std::string& role, const resources& amount);

  using usage_index
    = std::map<std::tuple<agent_id, framework_id, std::string>, size_t>;
  static void note(std::vector<usage_change>& list, usage_index& index,
                   const agent_id& place, const framework_id& owner,
                   const std::string& role, const resources& amount);

  // -- stored form ------------------------------------------------------------

  void store(const agent_record& which);
  void store(const framework_record& which);
  /// What the task is. Once.
  void store(const task_record& which);
  /// How it is doing.
  void store_state(const task_record& which);
  void store(const executor_record& which);
  void store_cluster();

  cluster_state& state_;
  applied_entry& out_;
  write_batch& changes_;
  usage_index acquired_;
  usage_index released_;
};

} // namespace agora
