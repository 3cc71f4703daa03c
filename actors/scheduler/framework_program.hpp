// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/scheduler/driver_options.hpp"
#include "actors/scheduler/framework_driver_actor.hpp"
#include "runtime/messaging/address.hpp"
#include "runtime/node/command_line.hpp"
#include "runtime/node/log_setup.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace agora {

/// What SIGINT and SIGTERM do to a framework's process.
enum class interrupt_policy {
  /// TEARDOWN: its tasks end with it.
  teardown,
  /// Its tasks run on, up to the failover timeout.
  leave,
};

struct framework_options {
  /// At least info.name must be set; an unset info.user becomes the user that
  /// this process runs as.
  driver_options driver;

  /// The cluster's masters: the framework keeps a session to each of them, and
  /// works with the one that leads.
  std::vector<node_address> masters{{"127.0.0.1", 7050}};

  interrupt_policy on_interrupt = interrupt_policy::teardown;

  /// Called for the first interrupt instead of the policy, from a plain
  /// thread: a scheduler that wants to end its work in order gets a message of
  /// its own from here. The second interrupt follows the policy, and the third
  /// ends the process.
  std::function<void(const scheduler_actor&)> first_interrupt;

  log_output log{"warn", {}};
};

/// Declares the settings of a framework: --master HOST:PORT[,HOST:PORT...],
/// which is also AGORA_MASTER, --log-level and --log-file.
void add_framework_options(command& cmd, framework_options& options);

/// Lets the framework come back, as the one that it was, after its process has
/// ended in whatever way: reads its id from `file` into options.driver.info,
/// which has none after this if the framework is new; has the driver store the
/// id there before the scheduler hears of it; and removes the file once the
/// framework was torn down.
/// @returns errc::io_failed or errc::store_corrupt, with the file's name.
status keep_framework_id(framework_options& options,
                         const std::filesystem::path& file);

/// Runs a framework in this process until its scheduler has quit. Call it from
/// main(), before any thread was started: it blocks SIGINT and SIGTERM for all
/// threads and waits for them.
/// @returns 0 if the scheduler ended normally; 1 if it, the driver or the
///          master ended it with an error, which is printed on stderr;
///          128 + the signal's number after an interrupt.
int run_framework(framework_options options, scheduler_factory scheduler);

/// A whole main(): reads the command line (see add_framework_options), runs the
/// framework.
/// @param help One sentence for --help.
/// @returns as run_framework, or exit_usage for a mistake on the command line.
int framework_main(int argc, char** argv, const std::string& help,
                   framework_options options, scheduler_factory scheduler);

/// The user that this process runs as, for FrameworkInfo.user.
std::string current_user();

} // namespace agora
