// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/process/shim_protocol.hpp"

#include <sys/types.h>

namespace agora::shim {

/// Why a task's program was not executed.
struct start_failure {
  start_step step = start_step::none;
  int error_number = 0;
};

/// Starts the task that `spec` describes, as a child, first process of a
/// session of its own. Returns once its program has been executed, with its
/// pid; or 0, with `failure` set and no child left.
///
/// All signals must be blocked, and descriptors 0 to 3 be the shim's own, and
/// all others be closed on execution.
pid_t start_task(const spec_view& spec, start_failure& failure);

} // namespace agora::shim
