// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"

#include "agora/v1/frameworks.pb.h"
#include "agora/v1/tasks.pb.h"

#include <cstddef>
#include <string>
#include <vector>

namespace agora {

/// One serialized FrameworkInfo.
inline constexpr size_t framework_info_bytes_limit = size_t{1} << 20;

/// One serialized TaskInfo.
inline constexpr size_t task_info_bytes_limit = size_t{2} << 20;

/// All of one LAUNCH_GROUP, serialized: it is one piece of a log entry.
inline constexpr size_t task_group_bytes_limit = size_t{3} << 20;

/// Whether `task` may be launched on `agent` as far as it alone can tell:
/// required fields, ids, either a command or an executor, resources, and
/// nothing that this version does not do. What depends on the cluster's state
/// is judged by can_launch.
/// @returns errc::invalid_argument or errc::invalid_resources; the text names
///          the field.
status validate_task(const v1::TaskInfo& task, const framework_id& framework,
                     const agent_id& agent);

/// The same for a LAUNCH_GROUP: its tasks have no executor of their own.
status validate_group(const v1::ExecutorInfo& executor,
                      const v1::TaskGroupInfo& group,
                      const framework_id& framework, const agent_id& agent);

/// Whether `info` may subscribe: required fields, roles, failover timeout.
/// @returns errc::invalid_argument; the text names the field.
status validate_framework(const v1::FrameworkInfo& info, size_t roles_limit);

/// The roles that a framework asks offers for: FrameworkInfo.roles for
/// multi-role frameworks, the one old role otherwise; without duplicates.
std::vector<std::string> roles_of(const v1::FrameworkInfo& info);

} // namespace agora
