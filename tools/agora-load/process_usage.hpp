// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace agora::load {

/// What a process has used so far, as /proc has it.
struct process_usage {
  /// Of all its threads, in user and kernel mode; in steps of 10 ms.
  std::chrono::microseconds cpu{0};
  /// Of its children that it has waited for, with theirs.
  std::chrono::microseconds children_cpu{0};
  uint64_t resident_bytes = 0;
};

/// Fails: errc::not_found if there is no such process.
result<process_usage> read_usage(pid_t pid);

/// CPU of all children that this process has waited for, with theirs.
std::chrono::microseconds children_cpu();

/// CPU of this process and of all children that it has waited for, with
/// theirs.
std::chrono::microseconds own_cpu();

/// CPU of one posix_spawn of `/bin/sh -c command` and wait, both sides
/// together: the mean over `runs`. Fails: errc::launch_failed.
result<double> spawn_cpu_us(const std::string& command, int runs);

} // namespace agora::load
