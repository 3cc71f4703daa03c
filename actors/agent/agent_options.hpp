// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/messaging/address.hpp"

#include "agora/v1/agents.pb.h"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace agora {

/// How long an agent waits for what.
struct agent_timeouts {
  /// For a custom executor to subscribe after it was started.
  std::chrono::milliseconds executor_registration{60'000};
  /// For custom executors to subscribe again after the agent was restarted.
  std::chrono::milliseconds executor_reregistration{10'000};
  /// For an executor to end after SHUTDOWN, unless it names its own.
  std::chrono::milliseconds executor_shutdown_grace{5'000};
  /// For an ended executor's last messages to arrive.
  std::chrono::milliseconds executor_drain{2'000};
  /// How long executors live on without their agent.
  std::chrono::milliseconds executor_recovery{900'000};
  /// Between SIGTERM and SIGKILL, unless the task or the kill names its own.
  std::chrono::milliseconds kill_grace{5'000};
  /// Until an unacknowledged status update is sent again: doubles from the
  /// first to the last.
  std::chrono::milliseconds status_retry_first{10'000};
  std::chrono::milliseconds status_retry_last{600'000};
  /// Until a master that has refused this agent is tried again.
  std::chrono::milliseconds refused_retry{30'000};
  /// For a batch to be on disk. A device that is silent for longer has failed
  /// without saying so, and an agent that cannot store must not go on: it ends
  /// with an error, its tasks run on.
  std::chrono::milliseconds checkpoint{60'000};
  /// For a master to answer an attach.
  std::chrono::milliseconds attach{30'000};
};

/// What one agent holds at most.
struct agent_limits {
  /// Tasks whose state is held; further ones are refused with a status.
  size_t tasks = 100'000;
  /// Updates of one task that wait for acknowledgement. Beyond it, the newest
  /// non-terminal one that was not sent yet is replaced.
  size_t pending_statuses_per_task = 64;
  /// One status; beyond it, its data is left out.
  size_t status_bytes = size_t{1} << 20;
  /// One message between a framework and its executor.
  size_t framework_message_bytes = size_t{1} << 20;
  /// One part of a file.
  size_t file_chunk_bytes = size_t{1} << 20;
  /// One body for the master; larger batches are split.
  size_t body_bytes = size_t{4} << 20;
  /// The tasks and executors in the attach, which cannot be split: what is not
  /// needed is left out beyond this, and a launch with which even the rest
  /// would be larger is refused with a status. The agent's own description
  /// comes on top of it; a session's body takes 16 MiB.
  size_t attach_bytes = size_t{12} << 20;
  /// Tasks of launches that wait until an older task of the same id is gone.
  /// Further ones are refused with a status.
  size_t postponed_tasks = 10'000;
  /// Ended tasks whose sandboxes are still known by task id.
  size_t ended_sandboxes = 10'000;
  /// Sessions of custom executors and tools.
  size_t sessions = 10'000;
};

/// When the sandboxes of ended tasks and executors go.
struct sandbox_gc_settings {
  /// At most this old...
  std::chrono::seconds age{std::chrono::hours{24 * 7}};
  /// ... and younger the fuller the disk is: with this fraction of it free, or
  /// less, at once.
  double disk_headroom = 0.1;
  /// Between two looks.
  std::chrono::seconds interval{60};
};

/// Everything an agent is told. Plain values; reading them from flags and
/// files is the daemon's work.
struct agent_options {
  /// Where masters are reached; at least one.
  std::vector<node_address> masters;
  /// Holds sandboxes/ and run/. Must exist; absolute.
  std::filesystem::path work_dir;
  /// Hostname, port, resources and attributes.
  v1::AgentInfo info;
  /// Name and version of this program, for people.
  std::string software;
  /// Where executors on this machine reach this node's gateway.
  node_address own_address;
  /// Before every key in the store, so that agents can share one.
  std::string key_prefix = "agent/";
  agent_timeouts timeouts;
  agent_limits limits;
  sandbox_gc_settings gc;
};

} // namespace agora
