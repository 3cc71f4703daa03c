// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/process/proc_stat.hpp"

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace agora {

/// Which process is meant, for good: a pid alone is given to another process
/// some time after its owner has ended, and every pid after a reboot.
struct process_identity {
  /// The kernel's random name of this boot, as /proc/sys/kernel/random/boot_id
  /// has it. Empty: unknown.
  std::string boot_id;

  /// 0: no process.
  pid_t pid = 0;

  /// When the process started, in clock ticks since boot: field 22 of
  /// /proc/PID/stat.
  uint64_t start_ticks = 0;

  friend bool operator==(const process_identity&, const process_identity&)
    = default;
};

/// One line for people: "pid 17 started at 4711 of boot 3f2a...".
std::string to_string(const process_identity& who);

/// Reads the name of this boot. Fails: io_failed if /proc is not mounted.
result<std::string> read_boot_id();

/// Reads /proc/PID/stat. Fails: not_found if there is no such process.
result<process_stat> read_process_stat(pid_t pid);

/// The identity of a running process in the boot named `boot_id`, which the
/// caller has read once. Fails: not_found.
result<process_identity> identify_process(pid_t pid, std::string boot_id);

/// Whether exactly this process runs, in the boot named `boot_id`. One that has
/// ended and merely waits to be reaped does not run.
bool is_alive(const process_identity& who, const std::string& boot_id);

} // namespace agora
