// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "storage/cluster/cluster_records.hpp"

#include <string>

// The steps by which apply and load keep the records consistent with each
// other. Not for readers of the state.

namespace agora {

/// Whether the framework can handle TASK_UNREACHABLE.
bool is_partition_aware(const v1::FrameworkInfo& info);

/// Counts `amount` as used. Fails without any change if the sum is not valid;
/// whether it fits into the agent is not checked.
status add_usage(agent_record& agent, const framework_id& framework,
                 const std::string& role, const resources& amount);

/// Undoes add_usage of the same amount.
void remove_usage(agent_record& agent, const framework_id& framework,
                  const std::string& role, const resources& amount);

/// What the agent's tasks that have not ended and its executors add up to,
/// whether it counts as used now or not.
result<resources> held_by(const agent_record& agent);

/// Enters a task, whose members are set, into its agent's list.
void link_task(task_record& task);

/// Takes a task out of its agent's list.
void unlink_task(task_record& task);

} // namespace agora
