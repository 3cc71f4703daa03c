// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// agora-shim: the first process of each task. It starts the task, outlives the
// agent, and writes down how the task ended; when it is killed, the task ends
// with it. Started by the launcher only, as runtime/process/shim_protocol.hpp
// describes.

#include "runtime/process/proc_stat.hpp"
#include "runtime/process/shim_protocol.hpp"
#include "tools/agora-shim/task_start.hpp"
#include "tools/agora-shim/task_watch.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace agora::shim {
namespace {

/// Where lines go. A launcher that is gone is no reason to stop.
class record {
public:
  /// Creates the file. Returns false, with errno, if that fails: above all if
  /// it exists.
  bool create(const char* path) {
    file_
      = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
    return file_ >= 0;
  }

  /// Writes `line` to the file, if there is one.
  bool add(const record_text& line) {
    auto text = line.view();
    unsent_.add(text);
    return file_ < 0
           || write(file_, text.data(), text.size())
                == static_cast<ssize_t>(text.size());
  }

  /// Sends what was added: each time wakes the launcher.
  void send() {
    auto text = unsent_.view();
    [[maybe_unused]] auto sent = write(report_fd, text.data(), text.size());
    unsent_ = {};
  }

private:
  int file_ = -1;
  record_text unsent_;
};

uint64_t start_ticks_of(pid_t pid) {
  record_text path;
  path.add("/proc/").add(static_cast<uint64_t>(pid)).add("/stat").add({"", 1});
  process_stat found;
  return load_process_stat(path.view().data(), found) ? found.start_ticks : 0;
}

[[noreturn]] void give_up(record& to, start_step step, int error_number) {
  record_text line;
  line.add("failed ")
    .add(step_names[static_cast<size_t>(step)])
    .add(" ")
    .add(static_cast<uint64_t>(error_number))
    .add("\n");
  to.add(line);
  to.send();
  _exit(1);
}

/// Maps the specification into memory, where it can be changed freely.
bool map_spec(char*& bytes, size_t& size) {
  struct stat found;
  if (fstat(spec_fd, &found) != 0 || found.st_size <= 0)
    return false;
  size = static_cast<size_t>(found.st_size);
  auto memory = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_POPULATE, spec_fd, 0);
  bytes = static_cast<char*>(memory);
  return memory != MAP_FAILED;
}

record_text describe_end(const task_end& end) {
  record_text line;
  auto number = static_cast<uint64_t>(end.status);
  if (end.code == CLD_EXITED)
    return line.add("exited ").add(number).add("\n");
  return line.add("signaled ")
    .add(number)
    .add(end.code == CLD_DUMPED ? " 1\n" : " 0\n");
}

int run() {
  // Signals are awaited, never handled; so SIGHUP and SIGPIPE do nothing.
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  record record;
  spec_view spec;
  char* bytes = nullptr;
  size_t size = 0;
  if (!map_spec(bytes, size) || !parse_spec(bytes, size, spec))
    give_up(record, start_step::read_specification, 0);
  if (!record.create(spec.record_path))
    give_up(record, start_step::create_record, errno);
  auto self = getpid();
  record_text first;
  first.add(record_magic)
    .add(" ")
    .add(uint64_t{version})
    .add(" ")
    .add(std::string_view{spec.boot_id}.substr(0, 100))
    .add(" ")
    .add(static_cast<uint64_t>(self))
    .add(" ")
    .add(start_ticks_of(self))
    .add("\n");
  if (!record.add(first))
    give_up(record, start_step::create_record, errno);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  start_failure failure;
  auto task = start_task(spec, failure);
  if (task == 0)
    give_up(record, failure.step, failure.error_number);
  record_text second;
  second.add("task ")
    .add(static_cast<uint64_t>(task))
    .add(" ")
    .add(start_ticks_of(task))
    .add("\n");
  record.add(second);
  record.send();
  // Not held for as long as the task runs: the memory, and a file system.
  munmap(bytes, size);
  close(spec_fd);
  [[maybe_unused]] auto moved = chdir("/");
  auto end = watch_task(task);
  auto kept = record.add(describe_end(end));
  record.send();
  return kept ? 0 : 1;
}

} // namespace
} // namespace agora::shim

int main() {
  _exit(agora::shim::run());
}
