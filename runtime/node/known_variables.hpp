// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

namespace agora {

/// Every AGORA_* variable that some program of Agora reads or sets. A program
/// refuses to start with one that is neither here nor its own: it would be a
/// mistyped setting. A test holds the programs to this list.
inline constexpr std::array known_variables = std::to_array<std::string_view>({
  // settings of several programs
  "AGORA_CONFIG",
  "AGORA_END_WITH_PARENT",
  "AGORA_INSECURE_LISTEN",
  "AGORA_LISTEN",
  "AGORA_LOG_FILE",
  "AGORA_LOG_LEVEL",
  "AGORA_MASTER",
  "AGORA_WORKER_THREADS",
  "AGORA_WORK_DIR",
  // agorad master
  "AGORA_ADVERTISE",
  "AGORA_AGENT_REATTACH_TIMEOUT",
  "AGORA_AGENT_TIMEOUT",
  "AGORA_BLOCK_CACHE",
  "AGORA_BOOTSTRAP",
  "AGORA_DATA",
  "AGORA_DEFAULT_REFUSE",
  "AGORA_FRAMEWORK_REATTACH_TIMEOUT",
  "AGORA_ID",
  "AGORA_MAX_CONNECTIONS",
  "AGORA_MAX_SESSIONS",
  "AGORA_OFFER_TIMEOUT",
  "AGORA_PEERS",
  "AGORA_RESTORED",
  "AGORA_UNREACHABLE_PER_SECOND",
  "AGORA_WRITE_BUFFER",
  // agorad agent
  "AGORA_ATTRIBUTES",
  "AGORA_EXECUTOR_RECOVERY_TIMEOUT",
  "AGORA_EXECUTOR_REGISTRATION_TIMEOUT",
  "AGORA_EXECUTOR_REREGISTRATION_TIMEOUT",
  "AGORA_EXECUTOR_SHUTDOWN_GRACE",
  "AGORA_KILL_GRACE",
  "AGORA_RESOURCES",
  "AGORA_SANDBOX_AGE",
  "AGORA_SANDBOX_DISK_HEADROOM",
  // agorad local
  "AGORA_AGENTS",
  "AGORA_MASTERS",
  // agora
  "AGORA_COLOR",
  "AGORA_OUTPUT",
  "AGORA_TIMEOUT",
  // what an agent tells the tasks and executors that it starts
  "AGORA_AGENT",
  "AGORA_EXECUTOR_ID",
  "AGORA_FRAMEWORK_ID",
  "AGORA_TASK_ID",
  "AGORA_TASK_KEY",
  // where the tests find the programs
  "AGORA_BIN_DIR",
});

} // namespace agora
