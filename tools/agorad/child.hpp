// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include <sys/types.h>

#include <string>
#include <vector>

namespace agora {

/// A process to start.
struct child_start {
  /// A path; this very program if nothing else is said.
  std::string program = "/proc/self/exe";
  /// Without the program's name.
  std::vector<std::string> arguments;
  /// Its output is appended to this file.
  std::string log_file;
  /// Descriptors of this process that become its standard input, and its
  /// standard output instead of the file; -1: none.
  int input = -1;
  int output = -1;
};

/// Starts `what` in a process group of its own, so that Ctrl-C reaches this
/// process only. It gets no AGORA_* variables: all its settings are in the
/// arguments. Fails: errc::launch_failed, errc::io_failed.
result<pid_t> spawn_child(const child_start& what);

/// Starts this very program. Fails: as spawn_child.
result<pid_t> spawn_self(const std::vector<std::string>& arguments,
                         const std::string& log_file);

/// Has the kernel send SIGTERM to this process when its parent ends, however
/// that ends. False if it has ended already.
bool end_with_parent();

/// Makes this process the parent of every process below it whose own parent
/// ends, and so the one that can end them.
void adopt_orphans();

/// Kills all children of this process and whatever becomes its child by that,
/// until none is left or `tries` rounds have passed.
void kill_children(int tries);

/// "exited with code 1", "was killed by signal 9 (Killed)"; `how` is what
/// waitpid tells.
std::string describe_end(int how);

/// The last line of the file `path` that is not empty, or nothing.
std::string last_line(const std::string& path);

} // namespace agora
