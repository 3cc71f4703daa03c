// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "tools/agora/cluster_client.hpp"

#include "agora/session/tool.pb.h"

#include <string>

// What a user means by an id that may be abbreviated.

namespace agora {

/// A framework, by its id, the beginning or end of it, or its name. Fails:
/// errc::not_found, errc::conflict if several are meant, errc::unreachable.
result<session::FrameworkSummary> find_framework(cluster_client& cluster,
                                                 const std::string& text);

/// An agent, by its id or the beginning or end of it. Fails likewise.
result<session::AgentSummary> find_agent(cluster_client& cluster,
                                         const std::string& text);

/// A task, also one that has ended, with its TaskInfo: by its id or the
/// beginning or end of it; FRAMEWORK/TASK if tasks of several frameworks have
/// that id. Fails likewise.
result<session::TaskSummary> find_task(cluster_client& cluster,
                                       const std::string& text);

/// An orphan, by the id of its task. Fails likewise.
result<session::Orphan> find_orphan(cluster_client& cluster,
                                    const std::string& text);

} // namespace agora
