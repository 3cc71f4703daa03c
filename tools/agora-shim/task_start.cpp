// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora-shim/task_start.hpp"

#include "tools/agora-shim/program_search.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <grp.h>
#include <initializer_list>
#include <unistd.h>

namespace agora::shim {
namespace {

/// What the child shares with the shim. It runs in the shim's memory, while the
/// shim waits (vfork: no copy of page tables, and its failures need no pipe).
struct child_plan {
  const spec_view& spec;
  char** arguments;
  char** environment;
  pid_t shim;
  start_failure* failure;
};

bool set_limits(const spec_view& spec) {
  for (uint32_t i = 0; i < spec.header->limits; ++i) {
    auto& wanted = spec.limits[i];
    rlimit limit{wanted.soft, wanted.hard};
    auto resource = static_cast<__rlimit_resource>(wanted.resource);
    if (setrlimit(resource, &limit) != 0)
      return false;
  }
  return true;
}

bool switch_user(const spec_view& spec) {
  auto& header = *spec.header;
  if (header.switch_user == 0)
    return true;
  return setgroups(header.groups, spec.groups) == 0
         && setresgid(header.gid, header.gid, header.gid) == 0
         && setresuid(header.uid, header.uid, header.uid) == 0;
}

/// Unblocks all signals, and undoes what posix_spawn did to the shim: it sets
/// the two signals that the C library keeps for threads to be ignored, which
/// outlasts execution, and which sigaction() refuses to change.
void reset_signals() {
  constexpr int first_internal = 32;
  const uint64_t default_action[4] = {}; // as the kernel lays it out
  for (auto signal : {first_internal, first_internal + 1})
    syscall(SYS_rt_sigaction, signal, default_action, nullptr,
            sizeof(uint64_t));
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Tells the task's user, too, where they will look for output. The agent
/// learns it by the record.
void explain(const child_plan& plan) {
  record_text line;
  line.add("agora-shim: cannot execute ")
    .add(std::string_view{plan.spec.program}.substr(0, 256))
    .add(": ");
  switch (errno) {
    case ENOENT:
      line.add("No such file or directory");
      break;
    case EACCES:
      line.add("Permission denied");
      break;
    case E2BIG:
      line.add("Argument list too long");
      break;
    default:
      line.add("error ").add(static_cast<uint64_t>(errno));
  }
  line.add("\n");
  auto text = line.view();
  [[maybe_unused]] auto written = write(2, text.data(), text.size());
}

/// All that happens between vfork and execution. Returns the step that failed,
/// with errno.
start_step become_task(const child_plan& plan) {
  auto& spec = plan.spec;
  if (setsid() < 0)
    return start_step::create_process;
  if (!set_limits(spec))
    return start_step::set_limit;
  if (!switch_user(spec))
    return start_step::switch_user;
  // Only now: a change of user clears it. Had the shim died before, its
  // death would go unnoticed.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != plan.shim)
    return start_step::create_process;
  // The lowest free descriptors are then 0, 1 and 2.
  if (close_range(0, report_fd, 0) != 0 || open("/dev/null", O_RDWR) != 0)
    return start_step::open_null;
  if (chdir(spec.sandbox) != 0)
    return start_step::enter_sandbox;
  // O_NONBLOCK: opening a pipe that the task's user put there must not hang.
  constexpr auto flags
    = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
  if (open("stdout", flags, 0644) != 1)
    return start_step::open_stdout;
  if (open("stderr", flags, 0644) != 2)
    return start_step::open_stderr;
  reset_signals();
  execute_program(spec.program, plan.arguments, plan.environment);
  auto error_number = errno;
  explain(plan);
  errno = error_number;
  return start_step::execute;
}

[[noreturn]] void run_child(const child_plan& plan) {
  auto step = become_task(plan);
  plan.failure->error_number = errno;
  plan.failure->step = step;
  _exit(127);
}

/// Points to `count` strings at `text`, and behind them to nothing; returns the
/// string after them.
char* point_to(char* text, uint32_t count, char** pointers) {
  for (uint32_t i = 0; i < count; ++i, text = next_string(text))
    pointers[i] = text;
  pointers[count] = nullptr;
  return text;
}

} // namespace

pid_t start_task(const spec_view& spec, start_failure& failure) {
  auto& header = *spec.header;
  auto slots = size_t{header.arguments} + header.variables + 2;
  auto memory = mmap(nullptr, slots * sizeof(char*), PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    failure = {start_step::create_process, errno};
    return 0;
  }
  auto pointers = static_cast<char**>(memory);
  auto variables = pointers + header.arguments + 1;
  auto rest = point_to(spec.strings, header.arguments, pointers);
  point_to(rest, header.variables, variables);
  child_plan plan{spec, pointers, variables, getpid(), &failure};
  auto pid = vfork();
  if (pid == 0)
    run_child(plan);
  if (pid < 0)
    failure = {start_step::create_process, errno};
  munmap(memory, slots * sizeof(char*));
  // The compiler must not assume that what it stored before vfork still holds.
  auto failed = static_cast<volatile start_failure&>(failure).step;
  if (failed == start_step::none)
    return pid;
  if (pid > 0)
    waitpid(pid, nullptr, 0);
  return 0;
}

} // namespace agora::shim
