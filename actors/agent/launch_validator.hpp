// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/executor_table.hpp"

#include "agora/session/agent.pb.h"
#include "agora/v1/tasks.pb.h"

#include <string>

namespace agora {

/// How a launch is to be run, or why it is not.
struct launch_judgement {
  executor_kind kind = executor_kind::command;
  /// Part of the launch; null for plain commands.
  const v1::ExecutorInfo* executor = nullptr;
  bool refused = false;
  v1::TaskStatus::Reason reason = v1::TaskStatus::REASON_TASK_INVALID;
  /// Names the field.
  std::string text;
};

/// The master has judged it before; this is about what an agent cannot run.
/// A group stands and falls as one.
launch_judgement judge_launch(const session::TaskLaunch& launch);

/// By which field `wanted` describes another executor than `known` does, like
/// "command.value"; empty if it does not. Framework ids, types that mean the
/// same and the order of lists do not count.
std::string differing_field(const v1::ExecutorInfo& known,
                            const v1::ExecutorInfo& wanted);

} // namespace agora
