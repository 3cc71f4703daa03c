// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"
#include "runtime/process/launcher.hpp"
#include "storage/store/write_batch.hpp"

#include "agora/session/agent.pb.h"
#include "agora/v1/agents.pb.h"
#include "agora/v1/commands.pb.h"
#include "agora/v1/tasks.pb.h"

#include <caf/allowed_unsafe_message_type.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// Messages between the actors of one agent: plain values that never leave the
// process. What crosses between nodes is in proto/agora/session.

namespace agora {

/// Names one attempt to run a process, among all that ever ran on this
/// machine. It is the launcher's key.
using container_id = strong_id<struct container_id_tag>;

// -- containers: to the containerizer -----------------------------------------

/// Makes the sandbox, fills it with the command's files, starts the command.
/// Answered by container_started or container_failed, then container_exited.
struct container_start {
  container_id container;
  std::filesystem::path sandbox;
  v1::CommandInfo command;
  /// Who runs it; empty: the agent's own user.
  std::string user;
  /// What the command finds besides its own variables, which win.
  std::vector<std::pair<std::string, std::string>> environment;
  /// The kernel's limits on it.
  v1::RLimitInfo limits;
};

/// Takes a container of an earlier agent process over: the same answers as
/// for a start, but container_failed says that it had not started.
struct container_reattach {
  container_id container;
  std::filesystem::path sandbox;
};

/// Asks a container to end, or ends it. Ignored if it has ended. One that is
/// not started yet never will be: container_failed says so.
struct container_signal {
  container_id container;
  kill_mode mode = kill_mode::terminate;
};

/// The end of these is recorded elsewhere: their records may go, and their
/// sandboxes are garbage when old enough.
struct containers_forget {
  std::vector<container_id> containers;
  /// Of those among them that may have ended while no agent looked, so that
  /// the containerizer never heard of them: they are idle from now on.
  std::vector<std::filesystem::path> sandboxes;
};

/// After a start of the agent, once: only these are wanted. What else an
/// earlier agent process left running is killed.
struct containers_known {
  std::vector<container_id> containers;
};

/// Reads a part of a file in a sandbox.
struct sandbox_read {
  std::filesystem::path sandbox;
  /// Relative to the sandbox.
  std::string path;
  /// A negative one counts from the file's end.
  int64_t offset = 0;
  size_t length = 0;
};

/// Makes a sandbox and brings the command's files into it.
struct sandbox_prepare {
  container_id container;
  std::filesystem::path sandbox;
  std::string user;
  v1::CommandInfo command;
};

/// What is left to do after the files are in place: the commands that unpack
/// archives, each for /bin/sh in the sandbox. Empty for most tasks.
struct sandbox_prepared {
  std::vector<std::string> unpack_commands;
};

/// A sandbox in which nothing runs any more.
struct idle_sandbox {
  std::filesystem::path path;
  std::chrono::system_clock::time_point since;
};

/// Every sandbox below a directory, and how full its file system is.
struct sandbox_inventory {
  std::vector<idle_sandbox> sandboxes;
  /// From 0 to 1.
  double disk_used = 0;
};

struct sandbox_list {
  std::filesystem::path root;
};

struct sandbox_remove {
  std::vector<std::filesystem::path> sandboxes;
};

/// Nothing runs in these any more: their age counts from `since` on.
struct sandboxes_idle {
  std::vector<std::filesystem::path> sandboxes;
  std::chrono::system_clock::time_point since;
};

// -- containers: from the containerizer ---------------------------------------

/// The command was executed.
struct container_started {
  container_id container;
  bool reattached = false;
};

/// The command was not executed, and never will be.
struct container_failed {
  container_id container;
  /// The whole story for people: "cannot start: user 'bob' is unknown ...".
  std::string text;
  /// It was asked to end before it had started.
  bool cancelled = false;
  /// Re-attached, and never started by the earlier agent process.
  bool never_started = false;
};

/// The command, and all that it had started, is over.
struct container_exited {
  container_id container;
  exit_status status;
};

using container_event
  = std::variant<container_started, container_failed, container_exited>;

/// What has become of one or more containers, in order.
struct container_events {
  std::vector<container_event> events;
};

// -- built-in executors -------------------------------------------------------

/// To a built-in executor, before the task's LAUNCH: where it is to run.
struct task_place {
  task_id task;
  container_id container;
  std::filesystem::path sandbox;
  /// The container was started by an earlier agent process.
  bool reattach = false;
  /// What the executor has reported of the task by then.
  v1::TaskState reported = v1::TASK_STAGING;
  /// Tasks of one executor with the same number end together; 0: alone. The
  /// agent's number, since tasks of a group may come one by one after a
  /// restart.
  uint64_t group = 0;
  /// How long it has run under an earlier agent process: its completion time
  /// goes on, it does not begin anew.
  std::chrono::nanoseconds ran_for{0};
};

// -- status streams -----------------------------------------------------------

/// To a status stream: the tasks' new states, complete with uuid and
/// timestamp, in order. The tasks' own checkpoints are durable by now.
struct stream_record {
  std::vector<v1::TaskStatus> statuses;
};

/// To a status stream: the framework has acknowledged these updates.
struct stream_acknowledge {
  struct update {
    task_id task;
    std::string uuid;
  };
  std::vector<update> updates;
};

/// To a status stream: whether a leading master is attached. On each attach
/// everything unacknowledged is sent again; without one, nothing is.
struct stream_attached {
  bool attached = false;
  /// Tasks whose updates wait for an operator's decision; replaces the list
  /// of the last attach.
  std::vector<task_id> held;
};

/// To a status stream: an operator gave this orphan back.
struct stream_release {
  task_id task;
};

/// An update that is on disk now.
struct durable_status {
  task_id task;
  std::string uuid;
  v1::TaskState state = v1::TASK_STAGING;
};

/// From a status stream to its agent.
struct stream_report {
  framework_id framework;
  /// For the master.
  std::vector<session::TaskStatusEntry> entries;
  std::vector<durable_status> durable;
  /// Ended and acknowledged: nothing of these is stored any more.
  std::vector<task_id> settled;
};

// -- the agent ----------------------------------------------------------------

/// To the agent, from whoever stops the process: say goodbye to the master and
/// end. Tasks go on running.
struct agent_stop {
  std::string reason;
};

/// Asks the agent for its id, for people and tests.
struct get_agent_status {};

struct agent_status {
  std::string uid;
  agent_id id;
  std::string cluster;
  uint64_t incarnation = 0;
  bool attached = false;
  size_t tasks = 0;
  size_t executors = 0;
};

} // namespace agora

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::container_start)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::container_reattach)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::container_signal)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::containers_forget)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::containers_known)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::sandbox_read)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::sandbox_prepare)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::sandbox_prepared)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::sandbox_inventory)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::sandbox_list)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::sandbox_remove)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::sandboxes_idle)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::process_event)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::container_events)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::task_place)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::stream_record)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::stream_acknowledge)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::stream_attached)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::stream_release)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::stream_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::agent_stop)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::get_agent_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::agent_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::write_batch)
