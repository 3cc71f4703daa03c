// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_messages.hpp"
#include "runtime/process/launcher.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace agora {

/// Where commands are looked for unless they have a PATH of their own.
inline constexpr std::string_view default_path
  = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The process of a container.
/// @param own_user The agent's own: it need not be switched to.
/// @returns errc::invalid_argument for limits that make no sense.
result<launch_spec> process_spec(const container_start& what,
                                 const std::filesystem::path& run_directory,
                                 const std::string& own_user);

/// The process that unpacks a container's archives first, as the same user.
launch_spec unpack_spec(const container_start& what,
                        const std::vector<std::string>& commands,
                        const std::filesystem::path& run_directory,
                        const std::string& own_user);

/// The launcher's key of that process.
std::string unpack_key(const container_id& container);

/// The container that the process with `key` unpacks for; empty if none.
container_id unpacked_container(const std::string& key);

} // namespace agora
