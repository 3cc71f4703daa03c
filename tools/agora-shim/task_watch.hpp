// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

namespace agora::shim {

/// How the task's first process ended, as waitid(2) tells it.
struct task_end {
  int code = 0;   // CLD_EXITED, CLD_KILLED or CLD_DUMPED
  int status = 0; // exit code or signal
};

/// Waits until the task's first process has ended and none of its descendants
/// is left: the calling process must be their subreaper. What the first process
/// leaves behind is killed. Until then obeys terminate_signal and kill_signal.
///
/// All signals must be blocked. Descendants that this process may not kill
/// (set-user-id programs, under an agent that is not root) are waited for.
task_end watch_task(pid_t task);

} // namespace agora::shim
