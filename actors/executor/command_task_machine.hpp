// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_messages.hpp"

#include "agora/v1/executor/executor.pb.h"
#include "agora/v1/tasks.pb.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace agora {

/// For siblings of a task of a group that ended other than FINISHED, which
/// have no say in it.
inline constexpr std::chrono::seconds group_kill_grace{5};

/// What the built-in executor wants: report a state, or have something done to
/// a container.
using command_output = std::variant<v1::TaskStatus, container_start,
                                    container_reattach, container_signal>;

/// The tasks of one built-in executor, each a command in a container.
///
///   launch --> STARTING --executed--> RUNNING --exit 0--> FINISHED
///                 |                      |----else-----> FAILED
///                 | not executed         | kill: SIGTERM, after the grace
///                 v                      v period SIGKILL
///               FAILED              (KILLING) --ended--> KILLED
///
/// A task that an earlier agent process has launched is taken up where it was:
/// what was reported already is not reported again. Of tasks that were
/// launched as a group, all are killed when one ends other than FINISHED. A
/// plain value: no actor, no clock.
class command_task_machine {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// What all tasks have in common.
  void subscribed(const v1::executor::Event::Subscribed& event);

  /// Where the task runs that is launched next.
  void place(task_place where);

  /// Ignored for a task that runs or was not placed. What group a task is of,
  /// its place says.
  void launch(const v1::TaskInfo& task);
  void launch_group(const v1::TaskGroupInfo& group);

  /// SIGTERM now, SIGKILL after the grace period. A second kill may bring that
  /// forward. Ignored for unknown tasks.
  void kill(const task_id& task, std::chrono::nanoseconds grace,
            time_point now);

  /// Kills all tasks.
  void shutdown(std::chrono::nanoseconds grace, time_point now);

  void container_changed(const container_event& event, time_point now);

  /// Grace periods and completion times that are over.
  void due(time_point now);

  /// When something is due next.
  std::optional<time_point> next_deadline() const {
    if (deadlines_.empty())
      return std::nullopt;
    return deadlines_.begin()->first;
  }

  /// In order; takes them out.
  std::vector<command_output> take_outputs();

  size_t size() const {
    return tasks_.size();
  }

private:
  struct task {
    container_id container;
    uint64_t group = 0;
    std::chrono::nanoseconds ran_for{0};
    v1::TaskState reported = v1::TASK_STAGING;
    std::optional<std::chrono::nanoseconds> completion_time;
    bool kill_asked = false;
    /// It ran for longer than it may: that is a failure, not a kill.
    bool overdue = false;
    std::optional<time_point> deadline;
  };

  using task_map = std::unordered_map<task_id, task>;

  void begin_kill(const task_id& id, task& which,
                  std::chrono::nanoseconds grace, time_point now);
  void set_deadline(const task_id& id, task& which,
                    std::optional<time_point> at);
  void report(const task_id& id, v1::TaskState state, std::string text);
  void started(const task_id& id, task& which, time_point now);
  void failed(const task_id& id, task& which, const container_failed& how);
  void exited(const task_id& id, task& which, const exit_status& how);
  void end(const task_id& id, v1::TaskStatus news, time_point now);

  v1::FrameworkInfo framework_;
  v1::ExecutorInfo executor_;
  std::string agent_;
  bool tells_killing_ = false;
  std::unordered_map<task_id, task_place> places_;
  task_map tasks_;
  std::unordered_map<container_id, task_id> by_container_;
  std::set<std::pair<time_point, task_id>> deadlines_;
  std::vector<command_output> outputs_;
  /// Of the input that is being handled.
  time_point now_;
};

/// "command exited with status 3", "command terminated by signal 9 (Killed)".
std::string describe_command_end(const exit_status& how);

} // namespace agora
