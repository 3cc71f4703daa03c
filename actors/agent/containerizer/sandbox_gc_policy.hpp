// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_messages.hpp"
#include "actors/agent/agent_options.hpp"
#include "runtime/base/wall_clock.hpp"

#include <filesystem>
#include <set>
#include <vector>

namespace agora {

/// How old a sandbox may become while the disk is this full: the full age on
/// an empty disk, falling in a line to none when only the headroom is left.
std::chrono::seconds sandbox_age_limit(const sandbox_gc_settings& settings,
                                       double disk_used);

/// Which sandboxes go now: those that are too old and not in use.
std::vector<std::filesystem::path>
sandboxes_to_remove(const sandbox_inventory& inventory,
                    const std::set<std::filesystem::path>& in_use,
                    const sandbox_gc_settings& settings, wall_time now);

} // namespace agora
