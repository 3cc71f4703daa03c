// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agora/v1/tasks.pb.h"

namespace agora {

/// What a program that ran one task exits with: as a shell would, if the task's
/// program ended by itself or by a signal, and otherwise one of these.
inline constexpr int exit_not_run = 125;
inline constexpr int exit_lost = 124;

/// The exit code that stands for a terminal `status`. An API without a field
/// for it leaves only the message, "... exited with status 3" or "...
/// terminated by signal SIGKILL", to tell.
int exit_code_of(const v1::TaskStatus& status);

} // namespace agora
