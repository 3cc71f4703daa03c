// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/process/process_identity.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace agora {

/// A task whose shim was killed, and of which processes may be left: the kernel
/// ends the task's first process with its shim, but not the others.
struct leftover_task {
  std::string key;

  /// The first process, whose pid is the number of the task's session; pid 0
  /// if it is not known.
  process_identity task;

  /// Whether the shim has died just now, before our eyes: then no other
  /// session can have the number already.
  bool just_died = false;

  /// Set by `kill_leftovers`: how many processes it has just killed.
  size_t killed = 0;
};

/// The key of the task to which a process with the environment `environment`
/// (zero bytes between its variables) belongs; empty if it names none.
std::string_view task_key_in(std::string_view environment);

/// Looks once at all processes of this machine, and kills those of `tasks`: the
/// ones whose environment names the key, wherever they have gone, and the ones
/// in the task's session, if it surely still is the task's. Repeat it until
/// none is killed: they take a moment to die, and may have forked before.
void kill_leftovers(std::vector<leftover_task>& tasks);

} // namespace agora
