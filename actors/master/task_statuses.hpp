// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/ids.hpp"
#include "runtime/base/wall_clock.hpp"

#include "agora/v1/tasks.pb.h"

#include <string>

namespace agora {

/// What a state that the master itself gives is about.
struct master_verdict {
  v1::TaskState state = v1::TASK_ERROR;
  v1::TaskStatus::Reason reason = v1::TaskStatus::REASON_TASK_INVALID;
  std::string text;
};

/// A status of the master's own making. It has no uuid: nobody acknowledges
/// it.
v1::TaskStatus make_status(const task_id& task, const agent_id& agent,
                           const master_verdict& verdict, wall_time now);

/// The state for a task that did not get to run: only partition-aware
/// frameworks know TASK_DROPPED.
v1::TaskState dropped_or_lost(bool partition_aware);

/// `status` as the answer to a reconciliation: the reason says so, nobody
/// acknowledges it, and it comes without data, so that the answer for all tasks
/// of a framework stays small.
v1::TaskStatus as_reconciliation(v1::TaskStatus update);

/// What can be told of `update` in a few bytes: as the log takes it from the
/// master.
v1::TaskStatus brief_status(const v1::TaskStatus& update);

} // namespace agora
