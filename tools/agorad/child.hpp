// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include <sys/types.h>

#include <string>
#include <vector>

namespace agora {

/// Starts this very program with `arguments` (without its name) in a process
/// group of its own, so that Ctrl-C reaches the supervisor only. Its output is
/// appended to `log_file`; it gets no AGORA_* variables: all its settings are
/// in the arguments. Fails: errc::launch_failed, errc::io_failed.
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
