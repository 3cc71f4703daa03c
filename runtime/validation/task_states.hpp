// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agora/v1/tasks.pb.h"

namespace agora {

/// Whether a task in `state` will never run again: FINISHED, FAILED, KILLED,
/// ERROR, LOST, DROPPED, GONE and GONE_BY_OPERATOR. If a task that was said to
/// be LOST or GONE returns, the master ends it. UNREACHABLE is not terminal.
bool is_terminal(v1::TaskState state);

} // namespace agora
