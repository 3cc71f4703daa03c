// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/process/launcher.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

namespace agora {

struct posix_launcher_options {
  /// The program agora-shim.
  std::filesystem::path shim_program;

  /// How many keys may be known at a time: running, or over and not forgotten.
  /// Each that runs takes one descriptor.
  size_t max_keys = 10'000;

  /// Empty: the machine's own. Tests give another one, to have rebooted.
  std::string boot_id;
};

/// Where agora-shim is installed: beside the running program. Fails: io_failed.
result<std::filesystem::path> default_shim_program();

/// Makes the launcher of real processes, each below an agora-shim, which writes
/// down how its task ended even while there is no launcher.
///
/// It has a thread of its own, which starts shims one after the other and
/// watches all of them. It leaves SIGCHLD, and children that it did not start,
/// to others; but nobody else in the process may reap its children, nor ignore
/// SIGCHLD, which makes the kernel reap them.
///
/// Fails: invalid_argument (the shim is no program, or no listener), io_failed.
result<std::unique_ptr<launcher>>
make_posix_launcher(posix_launcher_options options,
                    launcher::listener on_event);

} // namespace agora
