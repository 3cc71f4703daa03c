// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agora/v1/scheduler/scheduler.pb.h"

#include <vector>

namespace agora {

/// What a scheduler is told about an ACCEPT that no master will see: an UPDATE
/// for each task, TASK_DROPPED (TASK_LOST for frameworks that are not
/// partition-aware) with REASON_MASTER_DISCONNECTED, and OPERATION_DROPPED for
/// each other operation that has an id. None asks to be acknowledged.
std::vector<v1::scheduler::Event>
refuse_offline(const v1::scheduler::Call::Accept& accept, bool partition_aware);

/// Tells a scheduler that it does not hold `offer` any more.
v1::scheduler::Event rescind_offline(const v1::OfferID& offer);

} // namespace agora
