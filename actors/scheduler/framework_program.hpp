// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/scheduler/driver_options.hpp"
#include "actors/scheduler/framework_driver_actor.hpp"
#include "runtime/base/result.hpp"
#include "runtime/messaging/address.hpp"

#include <functional>
#include <string>
#include <vector>

namespace agora {

/// Where a cluster is looked for if nobody says otherwise.
inline constexpr const char* default_master = "127.0.0.1:7050";

/// What SIGINT and SIGTERM do to a framework's process.
enum class interrupt_policy {
  /// TEARDOWN: its tasks end with it.
  teardown,
  /// Its tasks run on, up to the failover timeout.
  leave,
};

struct framework_options {
  driver_options driver;

  /// The cluster's masters, tried in turn.
  std::vector<node_address> masters;

  interrupt_policy on_interrupt = interrupt_policy::teardown;

  /// Called for the first interrupt instead of the policy, from a plain
  /// thread: a scheduler that wants to end its work in order sends itself a
  /// message here. The second interrupt follows the policy.
  std::function<void()> first_interrupt;
};

/// Takes `--master HOST:PORT[,...]` or `--master=...` out of the arguments;
/// without it, the variable AGORA_MASTER counts, and then default_master.
/// @returns errc::invalid_argument that says what is wrong with it.
result<std::vector<node_address>> masters_from(int& argc, char** argv);

/// The user that this process runs as, for FrameworkInfo.user.
std::string current_user();

/// Options for a framework of this name: the current user, the masters from
/// the command line or the environment. Prints what is wrong and exits with
/// status 2 if they cannot be read: for the first line of a main().
framework_options framework_from(const std::string& name, int& argc,
                                 char** argv);

/// Runs a framework in this process until its scheduler has quit, and tears
/// CAF down again. Call it from main(), before any thread was started: it
/// blocks SIGINT and SIGTERM for all threads and waits for them on one of its
/// own.
/// @returns 0 if the scheduler ended normally; 1 if it, the driver or the
///          master ended it with an error, which is printed on stderr;
///          128 + the signal's number after an interrupt.
int run_framework(framework_options options, scheduler_factory scheduler);

} // namespace agora
