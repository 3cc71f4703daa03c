// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include "agora/v1/scheduler/scheduler.pb.h"

namespace agora {

/// Whether all that the call needs is there: otherwise errc::invalid_argument,
/// with the path of the field. The tasks of an ACCEPT are not looked at: each
/// is judged alone, when it is launched (see task_validator.hpp), and a wrong
/// one costs its framework that task and no more.
status check_call(const v1::scheduler::Call& call);

} // namespace agora
