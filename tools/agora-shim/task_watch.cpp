// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora-shim/task_watch.hpp"

#include "runtime/process/proc_stat.hpp"
#include "runtime/process/shim_protocol.hpp"

#include <sys/wait.h>

#include <csignal>
#include <ctime>
#include <fcntl.h>
#include <unistd.h>

namespace agora::shim {
namespace {

/// How often children are looked for again while some are dying. Each death
/// wakes the shim as well; this only bounds what a missed one costs.
constexpr timespec kill_interval{0, 50'000'000};

/// Kills every child of this process. Children only: nobody else can reap
/// them, so their pids cannot belong to others by now. Their own children
/// become ours when they die.
void kill_children() {
  auto fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return;
  char bytes[4096];
  size_t kept = 0;
  for (;;) {
    auto size = read(fd, bytes + kept, sizeof(bytes) - kept);
    if (size <= 0)
      break;
    std::string_view text{bytes, kept + static_cast<size_t>(size)};
    // Each number ends with a space; the last may be cut off here.
    auto whole = text.substr(0, text.rfind(' ') + 1);
    auto rest = text.substr(whole.size());
    uint64_t pid = 0;
    while (take_number(whole, pid))
      kill(static_cast<pid_t>(pid), SIGKILL);
    kept = rest.size();
    std::memmove(bytes, rest.data(), kept);
  }
  close(fd);
}

/// Reaps all children that have ended by now. Returns true once the task is
/// among them, with `end` set.
bool reap_until_task(pid_t task, task_end& end) {
  for (;;) {
    siginfo_t info;
    info.si_pid = 0;
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0
        || info.si_pid == 0)
      return false;
    auto found = info.si_pid == task;
    if (found) {
      end = {info.si_code, info.si_status};
      // While the task is a zombie, its group's number is not given to
      // others. A group is killed as a whole: no fork slips through.
      kill(-task, SIGKILL);
    }
    waitid(P_PID, static_cast<id_t>(info.si_pid), &info, WEXITED);
    if (found)
      return true;
  }
}

/// Kills and reaps until no child is left.
void end_descendants(const sigset_t& child_ended) {
  for (;;) {
    auto pid = waitpid(-1, nullptr, WNOHANG);
    if (pid < 0)
      return;
    if (pid > 0)
      continue;
    kill_children();
    sigtimedwait(&child_ended, nullptr, &kill_interval);
  }
}

} // namespace

task_end watch_task(pid_t task) {
  sigset_t child_ended;
  sigemptyset(&child_ended);
  sigaddset(&child_ended, SIGCHLD);
  auto awaited = child_ended;
  sigaddset(&awaited, terminate_signal);
  sigaddset(&awaited, kill_signal);
  task_end end;
  while (!reap_until_task(task, end)) {
    auto signal = sigwaitinfo(&awaited, nullptr);
    if (signal == terminate_signal) {
      kill(-task, SIGTERM);
    } else if (signal == kill_signal) {
      kill(-task, SIGKILL);
      kill_children();
    }
  }
  end_descendants(child_ended);
  return end;
}

} // namespace agora::shim
