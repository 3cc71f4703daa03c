// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_messages.hpp"
#include "actors/local_messages.hpp"
#include "runtime/base/ids.hpp"
#include "storage/store/write_batch.hpp"

#include "agora/session/agent.pb.h"
#include "agora/v1/executor/executor.pb.h"
#include "agora/v1/tasks.pb.h"

#include <iterator>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// What an agent's decisions want to happen. The agent actor makes it happen,
// in order.

namespace agora {

/// Send it, if a leading master is attached.
struct tell_master {
  session::AgentMessage message;
};

/// Store it, then send it until it is acknowledged.
struct record_status {
  framework_id framework;
  v1::TaskStatus status;
};

/// The framework has acknowledged an update.
struct acknowledge_status {
  framework_id framework;
  stream_acknowledge::update update;
};

/// An orphan's updates flow from now on.
struct release_status {
  task_key task;
};

/// Hand an event to an executor, which is reachable.
struct tell_executor {
  executor_key executor;
  v1::executor::Event event;
};

/// Tell a built-in executor where the task of the next LAUNCH runs.
struct place_task {
  executor_key executor;
  task_place place;
};

/// Start a built-in executor and tell it that it is SUBSCRIBED.
struct spawn_executor {
  executor_key executor;
};

/// The built-in executor has nothing left to do.
struct stop_executor {
  executor_key executor;
};

/// Start, re-attach, signal or forget a custom executor's process.
struct start_process {
  container_start what;
};
struct reattach_process {
  container_reattach what;
};
struct signal_process {
  container_signal what;
};
struct forget_containers {
  containers_forget what;
};

/// Only these containers are wanted; once, after a start.
struct know_containers {
  containers_known what;
};

/// End a session whose peer may not have it.
struct close_session {
  session_number session = 0;
  status reason;
};

/// The checkpoints of these tasks are on disk.
struct start_tasks {
  std::vector<task_key> tasks;
};

/// Nothing is left of the framework.
struct drop_framework {
  framework_id framework;
};

/// Reach for the masters: everything is stored that they must be told of.
struct dial_masters {};

using agent_effect
  = std::variant<tell_master, record_status, acknowledge_status, release_status,
                 tell_executor, place_task, spawn_executor, stop_executor,
                 start_process, reattach_process, signal_process,
                 forget_containers, know_containers, close_session, start_tasks,
                 drop_framework, dial_masters>;

/// Collects what decisions want.
struct agent_effects {
  /// To be stored together.
  write_batch batch;
  /// At once, in order.
  std::vector<agent_effect> now;
  /// Once `batch`, and every batch before it, is on disk; in order.
  std::vector<agent_effect> stored;

  bool needs_store() const {
    return !batch.empty() || !stored.empty();
  }

  void append(agent_effects other) {
    batch.append(std::move(other.batch));
    now.insert(now.end(), std::make_move_iterator(other.now.begin()),
               std::make_move_iterator(other.now.end()));
    stored.insert(stored.end(), std::make_move_iterator(other.stored.begin()),
                  std::make_move_iterator(other.stored.end()));
  }
};

} // namespace agora
