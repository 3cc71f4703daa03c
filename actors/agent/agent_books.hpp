// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_effects.hpp"
#include "actors/agent/agent_options.hpp"
#include "actors/agent/checkpoint/checkpoint_keys.hpp"
#include "actors/agent/executor_table.hpp"
#include "actors/agent/postponed_launches.hpp"
#include "actors/agent/task_table.hpp"
#include "runtime/base/wall_clock.hpp"

#include "agora/checkpoint/records.pb.h"
#include "agora/session/agent.pb.h"
#include "agora/v1/frameworks.pb.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace agora {

/// When a decision is made, on both clocks.
struct moment {
  std::chrono::steady_clock::time_point steady;
  wall_time wall;
};

/// No grace period is longer, whatever a framework asks for.
inline constexpr std::chrono::hours longest_grace{24 * 30};

/// Whether a framework has the capability.
bool has_capability(const v1::FrameworkInfo& framework,
                    v1::FrameworkInfo::Capability::Type what);

/// Everything that an agent knows. The decisions are functions beside it, one
/// file a story: attachment, run_tasks, kill_tasks, task_statuses,
/// executor_lifecycle, recovery. Each takes the books, an input and the time,
/// changes the books and adds to the effects.
struct agent_books {
  agent_books(agent_options with, std::string random);

  agent_options options;
  checkpoint_keys keys;
  checkpoint::AgentIdentity identity;
  std::map<framework_id, v1::FrameworkInfo> frameworks;
  task_table tasks;
  /// Launches of tasks whose ids are those of tasks that are to go.
  postponed_launches postponed;
  executor_table executors;

  agent_id id() const {
    return agent_id{identity.agent_id()};
  }

  /// Unique among everything that this agent ever ran.
  container_id next_container();

  uint64_t next_group() {
    return ++groups_;
  }

  /// After a restart: a group number that is in use.
  void group_seen(uint64_t number);

  /// 16 bytes that no other update ever had or will have.
  std::string next_uuid();

  /// A status of `task` as an agent makes it, complete.
  v1::TaskStatus make_status(const held_task& task, v1::TaskState state,
                             v1::TaskStatus::Reason reason, std::string text,
                             moment now);

  /// Sets what every update of `task` must have and its maker has left out. Its
  /// time is never before the last one's, whatever the machine's clock does:
  /// updates are ordered by it.
  void complete(const held_task& task, v1::TaskStatus& news, moment now);

  /// Takes `news` as the task's newest and has it recorded.
  /// @pre The task's checkpoint is on disk, and it has not ended.
  void record(held_task& task, v1::TaskStatus news, agent_effects& out);

  /// Whether the framework has the capability.
  bool capable(const framework_id& id,
               v1::FrameworkInfo::Capability::Type what) const;

  /// Forgets the framework if nothing of it is left.
  void drop_if_unused(const framework_id& id, agent_effects& out);

  void store_identity(agent_effects& out) const;

private:
  /// 16 random bytes of this process.
  std::string random_;
  uint64_t uuids_ = 0;
  uint64_t containers_ = 0;
  uint64_t groups_ = 0;
};

/// The sandbox of one attempt, below the agent's work directory. Ids become
/// names of directories, whatever bytes they have.
std::filesystem::path sandbox_path(const agent_books& books,
                                   const framework_id& framework,
                                   const std::string& task_or_executor,
                                   const container_id& container);

} // namespace agora
