// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"
#include "runtime/resources/resources.hpp"
#include "storage/cluster/cluster_state.hpp"

#include "agora/cluster/entries.pb.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

// What the state's preconditions are: judged by the leader before it proposes,
// and again by the fold when the entry is applied. Pure functions; success
// means that the entry would not be rejected if it were the next one.

namespace agora {

/// The version of the cluster from which on there are entries of this type.
uint32_t since_version(cluster::Entry::EntryCase type);

/// What one agent will have once everything is applied that is proposed: the
/// leader's overlay, as far as launches are concerned.
struct pending_launches {
  /// Of tasks and executors that are proposed and not yet applied.
  resources amount;
  /// Ids of the framework's tasks that are proposed and not yet applied; null
  /// for none. There may be thousands: it is the overlay's own set, and ends
  /// with the next change of it.
  const std::set<task_id>* proposed = nullptr;
  /// Further ids that are taken, by the same call.
  std::set<task_id> tasks;
  /// Executors of the framework on this agent, likewise.
  std::set<executor_id> executors;
  /// How many tasks of all frameworks on this agent, likewise.
  size_t agent_tasks = 0;

  bool has_task(const task_id& id) const {
    return tasks.contains(id) || (proposed && proposed->contains(id));
  }

  size_t task_count() const {
    return tasks.size() + (proposed ? proposed->size() : 0);
  }
};

/// What a launch adds to its agent.
struct launch_demand {
  /// Of the tasks, in the order of the launch.
  std::vector<resources> tasks;
  /// Custom executors that start with it, each once.
  std::vector<std::pair<executor_id, resources>> executors;
  /// All of it.
  resources sum;
};

/// Whether `text` may name a task or an executor: not empty, at most
/// object_id_bytes, no '/', no control characters or spaces, neither "." nor
/// "..".
/// @param what Names the field: "task_id".
/// @returns errc::invalid_argument.
status check_object_id(std::string_view what, std::string_view text);

/// Whether `role` may be the role of an accepted offer, as far as the state is
/// concerned: at most role_bytes.
/// @returns errc::invalid_argument.
status check_role_name(std::string_view role);

/// Whether `agent` may be admitted, or attached if its uid is known already.
status can_admit(const cluster_state& state,
                 const cluster::AgentAdmitted& agent);

/// Whether `agent` may be attached: errc::not_found, errc::stale_incarnation,
/// errc::conflict if it was marked gone, errc::invalid_resources if it has
/// less than what its tasks hold.
status can_attach(const cluster_state& state,
                  const cluster::AgentAttachedEntry& agent);

/// Whether the agent is attached under `incarnation`, as statuses and
/// detachments of it must be: errc::not_found, errc::stale_incarnation,
/// errc::conflict.
status can_detach(const cluster_state& state, const agent_id& agent,
                  uint64_t incarnation);

/// Whether the agent may be marked unreachable: it must be detached.
status can_mark_unreachable(const cluster_state& state, const agent_id& agent);

/// Whether the agent may be marked gone: it must be known, and not gone.
status can_mark_gone(const cluster_state& state, const agent_id& agent);

/// Whether the scheduler may subscribe with `info`: errc::not_found for an id
/// that is not known, errc::conflict if the framework has ended,
/// errc::invalid_argument if what may not change does (principal, user).
status can_subscribe(const cluster_state& state, const v1::FrameworkInfo& info);

/// As can_subscribe, but the framework must exist, and checkpoint is among what
/// may not change.
status can_update(const cluster_state& state, const v1::FrameworkInfo& info);

/// Whether `incarnation` holds the framework now: errc::not_found,
/// errc::conflict if it has ended, errc::stale_incarnation.
status holds_framework(const cluster_state& state, const framework_id& id,
                       uint64_t incarnation);

/// As holds_framework, and the framework must be connected.
status can_disconnect(const cluster_state& state, const framework_id& id,
                      uint64_t incarnation);

/// Whether the framework may be ended; see FrameworkEnded in entries.proto.
/// @param disconnected_incarnation As in the entry, or nothing.
status can_end_framework(const cluster_state& state, const framework_id& id,
                         std::optional<uint64_t> disconnected_incarnation);

/// Whether the framework may launch anything on the agent: as holds_framework;
/// errc::not_found or errc::conflict for an agent that is not attached.
status can_accept(const cluster_state& state, const framework_id& framework,
                  uint64_t incarnation, const agent_id& agent);

/// Whether one task, or one group, may start; judged after can_accept. What it
/// needs is in the answer.
/// @param pending What is proposed and not yet applied; for the fold: nothing.
/// @returns errc::invalid_argument (ids), errc::invalid_resources (wrong, or
///          more than the agent has left), errc::already_exists (a task of
///          this id has not ended), errc::limit_reached. The text names the
///          task and the field.
result<launch_demand> can_launch(const cluster_state& state,
                                 const framework_id& framework,
                                 const agent_id& agent,
                                 const cluster::AcceptedLaunch& launch,
                                 const pending_launches& pending = {});

/// Whether an orphan may be adopted: as can_accept without an incarnation, as
/// can_launch, and errc::conflict if the log shows that the task has ended.
result<launch_demand> can_adopt(const cluster_state& state,
                                const cluster::TaskAdopted& orphan);

/// Whether this state may be logged for its task: errc::not_found,
/// errc::conflict if the task has ended already or would step back,
/// errc::already_exists if it was logged before, errc::stale_incarnation,
/// errc::invalid_argument.
status can_log_status(const cluster_state& state,
                      const cluster::TaskStatusLogged& update);

/// Whether the task waits for exactly this acknowledgement: errc::not_found,
/// errc::conflict. An acknowledgement of a state that is not terminal, or that
/// was acknowledged before, is never logged.
status can_acknowledge(const cluster_state& state, const task_key& key,
                       std::string_view uuid);

/// Whether the task can be killed: errc::not_found, errc::conflict if it has
/// ended.
status can_kill(const cluster_state& state, const task_key& key);

/// Whether tasks of this framework on this agent may be confirmed: both must be
/// known. Tasks that are not are skipped.
status can_confirm(const cluster_state& state, const framework_id& framework,
                   const agent_id& agent);

/// What the log says of a launch that an agent tells of.
enum class launch_fate : uint8_t {
  /// The task has not ended, or waits for the acknowledgement of its end.
  live,
  /// It has ended for good, however long ago: if it still runs, it must not.
  over,
  /// The log never had it: of another life of the log's data.
  unknown,
};

/// @param launch As the agent says it; if empty, the newest launch of the task
///               is meant, and what is over is known for as long as the history
///               holds it.
/// @param applied_index How far `state` is in the log.
launch_fate fate_of(const cluster_state& state, const task_key& key,
                    const launch_id& launch, uint64_t applied_index);

/// Whether the agent has this executor: errc::not_found. errc::conflict if a
/// task of it was launched that the agent has not confirmed: it did not know of
/// that one when its executor ended.
status can_end_executor(const cluster_state& state, const agent_id& agent,
                        const executor_key& key);

/// Whether a task in state `from` may be reported in state `to`; see the
/// diagram in task_rules.cpp.
bool may_follow(v1::TaskState from, v1::TaskState to);

} // namespace agora
