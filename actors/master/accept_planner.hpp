// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/master/master_outbox.hpp"
#include "runtime/base/ids.hpp"
#include "storage/cluster/cluster_rules.hpp"

#include "agora/cluster/entries.pb.h"
#include "agora/v1/offers.pb.h"

#include <string>
#include <vector>

namespace agora {

/// What one ACCEPT call may draw on.
struct accept_request {
  framework_id framework;
  uint64_t incarnation = 0;
  agent_id agent;
  std::string role;
  /// The sum of the offers.
  resources offered;
  std::vector<v1::Offer::Operation> operations;
};

/// What becomes of an ACCEPT call.
struct accept_plan {
  /// One entry to be proposed, with at least one launch.
  struct part {
    cluster::TasksAccepted entry;
    proposed_accept context;
  };
  /// More than one if the tasks do not fit into entry_bytes_limit.
  std::vector<part> parts;
  /// What the launches leave; goes back to the allocator.
  resources remainder;

  struct refusal {
    v1::TaskID task;
    v1::ExecutorID executor;
    v1::TaskStatus::Reason reason = v1::TaskStatus::REASON_TASK_INVALID;
    std::string text;
  };
  /// Get TASK_ERROR.
  std::vector<refusal> refused;

  struct refused_operation {
    v1::OperationID id;
    std::string text;
  };
  /// Operations that this version does not do.
  std::vector<refused_operation> operations;
};

/// Applies the operations of an ACCEPT in order. Each task of a LAUNCH is
/// judged alone, a LAUNCH_GROUP as one: what is wrong is refused with its
/// reason, what is right is launched.
/// @param state The applied state; the framework and the agent are in it.
/// @param pending What is proposed of the framework and agent already.
accept_plan plan_accept(const cluster_state& state, pending_launches pending,
                        accept_request request);

} // namespace agora
