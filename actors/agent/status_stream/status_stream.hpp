// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_messages.hpp"
#include "runtime/base/ids.hpp"

#include "agora/checkpoint/records.pb.h"
#include "agora/session/agent.pb.h"
#include "agora/v1/tasks.pb.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace agora {

struct status_stream_settings {
  std::chrono::milliseconds retry_first{10'000};
  std::chrono::milliseconds retry_last{600'000};
  /// See agent_limits.
  size_t pending_per_task = 64;
};

/// What has to be stored, together, before anything else happens.
struct stream_change {
  std::vector<checkpoint::PendingStatus> put;
  /// Numbers of records that are not needed any more.
  std::vector<uint64_t> erase;
  /// A duplicate of what is on disk already: whoever reported it may not know.
  std::optional<durable_status> known;
  /// Ended and acknowledged: their task checkpoints go in the same batch. A
  /// task without its last status would be started again after a crash.
  std::vector<task_id> settled;

  bool empty() const {
    return put.empty() && erase.empty() && settled.empty();
  }
};

/// The status updates of one framework's tasks on one agent: at least once,
/// and in order for each task. The next update of a task is sent after the one
/// before was acknowledged; each is on disk before it is sent.
///
///   recorded --(persisted)--> durable --(first of its task)--> sent
///     --(acknowledged)--> gone;   sent --(no acknowledgement)--> sent again
///
/// The newest update of a task stays stored after its acknowledgement, until
/// the next one replaces it: that is how a restarted agent knows the task's
/// state. A plain value: the actor beside it stores, sends and keeps time.
class status_stream {
public:
  using time_point = std::chrono::steady_clock::time_point;

  status_stream(framework_id framework, status_stream_settings settings);

  /// Takes a stored record in again after a restart, in order.
  void recover(checkpoint::PendingStatus record);

  /// Takes a new update of a task. Nothing is to be stored if it is a
  /// duplicate, by its uuid; if it comes after the task's terminal update; or
  /// if it is neither terminal nor newer than the last one, because executors
  /// repeat what they have not heard of, and states must not go back.
  /// @pre task_id, state, timestamp and uuid are set.
  stream_change record(v1::TaskStatus update);

  /// The records `numbers` are on disk: they may be sent.
  /// @returns what of them is news to whoever reported it.
  std::vector<durable_status> persisted(const std::vector<uint64_t>& numbers,
                                        time_point now);

  /// The framework has acknowledged `update`. Nothing is to be stored if it is
  /// not the one that was sent: late and repeated acknowledgements are usual.
  stream_change acknowledge(const stream_acknowledge::update& update,
                            time_point now);

  /// A leading master is attached: everything that was sent and not
  /// acknowledged is due at once, but for tasks in `held`.
  void attach(std::vector<task_id> held, time_point now);

  /// No master is attached: nothing is due.
  void detach();

  /// The task's updates flow again.
  void release(const task_id& task, time_point now);

  /// What is due by `now`; due again after a while that doubles.
  std::vector<session::TaskStatusEntry> take_due(time_point now);

  /// When something is due next.
  std::optional<time_point> next_deadline() const;

  /// Whether nothing is stored of any task.
  bool empty() const {
    return tasks_.empty();
  }

  const framework_id& framework() const {
    return framework_;
  }

private:
  struct update {
    uint64_t number = 0;
    v1::TaskStatus status;
    bool durable = false;
    bool sent = false;
  };

  struct task_updates {
    /// At most pending_per_task, hardly ever more than two.
    std::vector<update> pending;
    /// The newest one, if it is acknowledged: stored until the next one is.
    std::optional<update> acknowledged;
    std::chrono::milliseconds backoff{};
    /// Set if the task stands in due_.
    std::optional<time_point> due;

    const update& newest() const {
      return pending.empty() ? *acknowledged : pending.back();
    }
  };

  using task_map = std::unordered_map<task_id, task_updates>;

  bool is_old(const task_updates& task, const v1::TaskStatus& news) const;

  checkpoint::PendingStatus record_of(const update& what) const;

  /// Makes the task's first update due, if it may be sent at all.
  void schedule(const task_id& id, task_updates& task, time_point at);

  void unschedule(const task_id& id, task_updates& task);

  framework_id framework_;
  status_stream_settings settings_;
  uint64_t next_number_ = 1;
  bool attached_ = false;
  task_map tasks_;
  /// Not yet on disk, also those that a newer one has replaced meanwhile.
  std::unordered_map<uint64_t, durable_status> unpersisted_;
  std::set<std::pair<time_point, task_id>> due_;
  std::unordered_set<task_id> held_;
};

} // namespace agora
