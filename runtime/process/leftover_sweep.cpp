// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/leftover_sweep.hpp"

#include "runtime/process/launcher.hpp"
#include "runtime/process/unique_fd.hpp"

#include <sys/syscall.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <unistd.h>
#include <unordered_map>

namespace agora {
namespace {

/// More than the kernel takes for arguments and environment by default; of a
/// larger one the end goes unread.
constexpr size_t max_environment_bytes = 2 * max_launch_bytes;

std::string read_environment(pid_t pid) {
  auto path = "/proc/" + std::to_string(pid) + "/environ";
  unique_fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  std::string text;
  char bytes[16384];
  while (file && text.size() < max_environment_bytes) {
    auto size = ::read(file.get(), bytes, sizeof(bytes));
    if (size <= 0)
      break;
    text.append(bytes, static_cast<size_t>(size));
  }
  return text;
}

/// Kills the process that `seen` describes, and no other that may have got its
/// pid since.
bool kill_exactly(const process_stat& seen) {
  unique_fd process{static_cast<int>(::syscall(SYS_pidfd_open, seen.pid, 0))};
  if (!process)
    return false;
  auto now = read_process_stat(seen.pid);
  if (!now || now->start_ticks != seen.start_ticks)
    return false;
  return ::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0)
         == 0;
}

bool is_over(const process_stat& process) {
  return process.state == 'Z' || process.state == 'X';
}

/// Whether the session numbered like the first process of `task` is the task's.
/// While any process is in a session, the kernel gives its number to no other.
bool owns_session(const leftover_task& task) {
  if (task.task.pid == 0)
    return false;
  auto leader = read_process_stat(task.task.pid);
  return leader ? leader->start_ticks == task.task.start_ticks : task.just_died;
}

/// Which task a process belongs to.
class owner_index {
public:
  explicit owner_index(std::vector<leftover_task>& tasks) {
    for (auto& task : tasks) {
      by_key_.emplace(task.key, &task);
      if (owns_session(task))
        by_session_.emplace(task.task.pid, &task);
    }
  }

  leftover_task* find(const process_stat& process) const {
    auto session = by_session_.find(process.session);
    if (session != by_session_.end())
      return session->second;
    auto environment = read_environment(process.pid);
    auto key = by_key_.find(task_key_in(environment));
    return key == by_key_.end() ? nullptr : key->second;
  }

private:
  std::unordered_map<std::string_view, leftover_task*> by_key_;
  std::unordered_map<pid_t, leftover_task*> by_session_;
};

} // namespace

std::string_view task_key_in(std::string_view environment) {
  while (!environment.empty()) {
    auto variable = environment.substr(0, environment.find('\0'));
    auto name_end = variable.find('=');
    if (variable.substr(0, name_end) == task_key_variable
        && name_end != std::string_view::npos)
      return variable.substr(name_end + 1);
    environment.remove_prefix(
      std::min(environment.size(), variable.size() + 1));
  }
  return {};
}

void kill_leftovers(std::vector<leftover_task>& tasks) {
  for (auto& task : tasks)
    task.killed = 0;
  owner_index owners{tasks};
  std::unique_ptr<DIR, int (*)(DIR*)> processes{::opendir("/proc"), ::closedir};
  if (processes == nullptr)
    return;
  while (auto entry = ::readdir(processes.get())) {
    std::string_view name{entry->d_name};
    pid_t pid = 0;
    auto end = name.data() + name.size();
    auto parsed = std::from_chars(name.data(), end, pid);
    if (parsed.ec != std::errc{} || parsed.ptr != end || pid == ::getpid())
      continue;
    auto seen = read_process_stat(pid);
    if (!seen || is_over(*seen))
      continue;
    auto owner = owners.find(*seen);
    if (owner != nullptr && kill_exactly(*seen))
      ++owner->killed;
  }
}

} // namespace agora
