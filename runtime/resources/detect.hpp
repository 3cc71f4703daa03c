// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/resources/host_capacity.hpp"

#include <filesystem>

namespace agora {

/// Asks the kernel what this machine has. Does I/O: for the start of an agent,
/// not for decisions.
///
/// It does not see limits of control groups: inside a container, say what to
/// offer in the setting "resources".
///
/// @param work_dir Where the agent keeps sandboxes; must exist.
/// @returns io_failed, naming what could not be read.
result<host_capacity> detect_host(const std::filesystem::path& work_dir);

} // namespace agora
