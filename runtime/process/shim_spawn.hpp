// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/process/launcher.hpp"
#include "runtime/process/unique_fd.hpp"
#include "runtime/process/user_lookup.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace agora {

/// A checked launch_spec in the form that the shim reads (shim_protocol.hpp).
/// @param user Whom to switch to; nothing keeps the user.
std::string encode_shim_spec(const launch_spec& spec,
                             const std::string& boot_id,
                             const std::optional<user_ids>& user);

/// A shim that has just been started.
struct spawned_shim {
  pid_t pid = 0;
  /// Gives the lines of its record, and ends when it ends. Never blocks.
  unique_fd report;
};

/// Starts `program`, the shim, as a child of this process, with nothing of
/// ours: no environment, no descriptors, no signal settings, its own session.
/// It costs the same however large this process is, which fork() does not.
/// Fails: launch_failed, saying at which step.
result<spawned_shim> spawn_shim(const std::filesystem::path& program,
                                const std::string& task_key,
                                const std::string& encoded_spec);

} // namespace agora
