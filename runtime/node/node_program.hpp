// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/node/log_setup.hpp"

#include <caf/fwd.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

// What every process with actors in it shares: masters, agents, frameworks,
// executors and the admin tool start and end in the same way.

namespace agora {

class command;

/// Exit codes of a node process, besides exit_usage.
inline constexpr int exit_failed = 1;

/// A signal that comes again this soon is the same wish: timeout(1) and others
/// send it to the process and to its group.
inline constexpr std::chrono::milliseconds signal_repeat_grace{300};

/// The process did not end in time and was cut short.
inline constexpr int exit_shutdown_overdue = 70;

/// More threads than this help nobody, and keep a machine from its work.
inline constexpr uint32_t most_worker_threads = 256;

struct node_settings {
  /// For the log and error texts: "agorad master".
  std::string program = "agora";

  log_output log;

  /// Threads that run actors; 0 means one a core, at least 2 and at most 16.
  uint32_t worker_threads = 0;

  /// How many peers may be connected at once: checked at start against the
  /// limit of open descriptors.
  uint32_t connections = 64;

  /// The setting by which somebody has asked for so many: then too few
  /// descriptors stop the start. Empty: they are worth a warning.
  std::string connections_setting;

  /// From the first signal to the end of the process, at most.
  std::chrono::milliseconds shutdown_timeout{4500};
};

/// Declares the settings that all nodes have: --log-level, --log-file,
/// --worker-threads.
void add_node_options(command& cmd, node_settings& settings);

/// Ends the running node, from any thread. Lives as long as run_node runs.
class node_control {
public:
  /// Ends the process with `exit_code`, in order, as a signal would. The first
  /// call decides the code.
  void stop(int exit_code);

  /// Like stop, for a failure that the operator must know: logs `why` as an
  /// error.
  void fail_node(const status& why);

private:
  friend int
  run_node(const node_settings&,
           const std::function<result<struct running_node>(caf::actor_system&,
                                                           node_control&)>&);

  std::atomic<bool> stopping_{false};
  std::atomic<int> exit_code_{0};
};

/// What a node's start hands back: how its signals are answered.
struct running_node {
  /// Called once, in the main thread: stop listening and tell the root actors
  /// to end. What they spawned must end with them: the process waits for every
  /// actor, at most for shutdown_timeout.
  std::function<void()> shut_down;

  /// Called, if set, for each SIGINT and SIGTERM; `false` means: end now. A
  /// program that has work to wind up returns true and calls
  /// node_control::stop when it is done.
  std::function<bool(int signal)> on_signal;
};

using node_start
  = std::function<result<running_node>(caf::actor_system&, node_control&)>;

/// Runs a node: raises the limit of descriptors, sets up the log and CAF with
/// the wire types, calls `start` in the main thread, waits for SIGINT, SIGTERM
/// or node_control::stop, and shuts down.
///
/// Must be called from main before any other thread exists, because signals
/// are blocked for all threads. A second SIGINT or SIGTERM during the shutdown,
/// after signal_repeat_grace, ends the process at once.
///
/// @returns the process's exit code: 0 after a signal, what stop() was called
///          with, or exit_failed if `start` failed, which is logged.
int run_node(const node_settings& settings, const node_start& start);

/// Blocks SIGINT and SIGTERM in this and all later threads, and ignores
/// SIGPIPE. run_node does it; call it first in main only if threads are
/// started before run_node.
void block_signals();

/// Whether only this machine reaches `host`: a numeric loopback address or
/// "localhost".
bool is_loopback(const std::string& host);

/// Whoever reaches a node's port can run commands: refuses an address other
/// than loopback unless `insecure_listen`, and then warns in the log. Fails:
/// errc::invalid_config.
status check_listen_host(const std::string& host, bool insecure_listen);

} // namespace agora
