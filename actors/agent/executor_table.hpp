// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_messages.hpp"
#include "actors/local_messages.hpp"
#include "runtime/base/ids.hpp"

#include "agora/checkpoint/records.pb.h"
#include "agora/v1/tasks.pb.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace agora {

enum class executor_kind : uint8_t {
  /// Built-in, one for all command tasks of a framework; no ExecutorInfo.
  command,
  /// Built-in, for the task groups of an ExecutorInfo of type DEFAULT.
  group,
  /// A process of the framework's own.
  custom,
};

/// Where an executor is in its life.
///
///   starting --SUBSCRIBE--> subscribed --session lost--> disconnected
///       |                     |    ^------SUBSCRIBE----------|
///       |  timeout, shutdown  |  shutdown                    | timeout
///       +---------------------+--> ending <------------------+
///   any --its process has ended--> draining --session over, or drained-->
///   gone
///
/// Built-in ones are subscribed from the start and never leave it.
enum class executor_phase : uint8_t {
  /// Its process was asked for, or re-attached after a restart.
  starting,
  subscribed,
  disconnected,
  /// Told to shut down, or being killed.
  ending,
  /// Its process is over; what it said last may still be on the way.
  draining,
};

/// One executor of an agent.
struct held_executor {
  using time_point = std::chrono::steady_clock::time_point;

  executor_key key;
  executor_kind kind = executor_kind::command;
  v1::ExecutorInfo info;
  executor_phase phase = executor_phase::starting;
  /// Of custom ones.
  container_id container;
  std::filesystem::path sandbox;
  /// 0: none.
  session_number session = 0;
  /// When the next thing happens to it by itself.
  std::optional<time_point> deadline;
  /// Whether its process, or its actor, was asked for.
  bool asked = false;
  /// Whether any task was ever handed to it.
  bool used = false;
  /// Its process was started by an earlier agent process.
  bool recovered = false;
  /// Why its tasks fail when its process is over.
  v1::TaskStatus::Reason end_reason
    = v1::TaskStatus::REASON_EXECUTOR_TERMINATED;
  /// Likewise, for people; empty: how its process ended.
  std::string end_text;
  /// As waitpid gives it, once its process is over.
  int32_t wait_status = 0;

  /// When it was told to end, in nanoseconds since the Unix epoch; or 0.
  int64_t shutdown_requested_ns = 0;

  bool built_in() const {
    return kind != executor_kind::custom;
  }

  /// Whether events reach it now.
  bool reachable() const {
    return built_in() || session != 0;
  }

  /// What a master must be told of it has at most so many bytes in an attach.
  size_t attach_bytes() const;

  checkpoint::ExecutorCheckpoint to_checkpoint() const;
};

/// All executors of an agent.
class executor_table {
public:
  using time_point = held_executor::time_point;

  held_executor* find(const executor_key& key);
  const held_executor* find(const executor_key& key) const;
  held_executor* by_session(session_number session);
  held_executor* by_container(const container_id& container);

  /// @pre There is none with this key.
  held_executor& insert(held_executor executor);

  void erase(const executor_key& key);

  /// In the order of their keys.
  std::vector<executor_key> of_framework(const framework_id& id) const;

  /// Those whose deadline is at or before `now`, in the order of their keys.
  std::vector<executor_key> due(time_point now) const;

  std::optional<time_point> next_deadline() const;

  const std::map<executor_key, held_executor>& all() const {
    return executors_;
  }

  /// Only custom ones.
  size_t processes() const;

  /// Of all of them: see held_executor.
  size_t attach_bytes() const {
    return attach_bytes_;
  }

private:
  size_t attach_bytes_ = 0;
  std::map<executor_key, held_executor> executors_;
};

} // namespace agora
