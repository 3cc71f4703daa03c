// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tools/agora/console.hpp"

#include "agora/session/tool.pb.h"

#include <string>

// Commands that change the cluster. Each returns when the change is in the
// cluster's log; tasks end a little later.

namespace agora {

/// Kills a task.
tool_exit kill_task(const tool_settings& settings, const std::string& id);

/// Ends a framework and all of its tasks, for good.
tool_exit teardown_framework(const tool_settings& settings,
                             const std::string& framework);

/// Writes an agent off for good, and its tasks with it.
/// @param force Also if it is attached: those tasks run, and are killed.
tool_exit mark_agent_gone(const tool_settings& settings,
                          const std::string& agent, bool force);

/// Decides about a task that an agent holds and the log does not know.
tool_exit resolve_orphan(const tool_settings& settings, const std::string& id,
                         session::ResolveOrphan::Decision decision);

} // namespace agora
