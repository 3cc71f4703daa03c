// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agorad/child.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <spawn.h>
#include <string_view>
#include <unistd.h>

extern char** environ;

namespace agora {

namespace {

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts)
    pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<char*> environment_without_settings() {
  std::vector<char*> kept;
  for (auto entry = environ; *entry != nullptr; ++entry)
    if (!std::string_view{*entry}.starts_with("AGORA_"))
      kept.push_back(*entry);
  kept.push_back(nullptr);
  return kept;
}

/// How a program calls itself; a link in /proc names this one.
std::string name_of(const std::string& program) {
  std::error_code ignored;
  auto target = std::filesystem::read_symlink(program, ignored);
  return (ignored ? std::filesystem::path{program} : target)
    .filename()
    .string();
}

} // namespace

result<pid_t> spawn_self(const std::vector<std::string>& arguments,
                         const std::string& log_file) {
  child_start what;
  what.arguments = arguments;
  what.log_file = log_file;
  return spawn_child(what);
}

result<pid_t> spawn_child(const child_start& what) {
  auto log = ::open(what.log_file.c_str(),
                    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log < 0)
    return fail(errc::io_failed,
                "cannot open " + what.log_file + ": " + std::strerror(errno));
  std::vector<std::string> texts{name_of(what.program)};
  texts.insert(texts.end(), what.arguments.begin(), what.arguments.end());
  auto argv = pointers_to(texts);
  auto envp = environment_without_settings();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (what.input < 0)
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  else
    posix_spawn_file_actions_adddup2(&actions, what.input, 0);
  posix_spawn_file_actions_adddup2(&actions,
                                   what.output < 0 ? log : what.output, 1);
  posix_spawn_file_actions_adddup2(&actions, log, 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // The supervisor blocks its signals; the child must not inherit that.
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  pid_t pid = -1;
  auto failed = posix_spawn(&pid, what.program.c_str(), &actions, &attributes,
                            argv.data(), envp.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  ::close(log);
  if (failed != 0)
    return fail(errc::launch_failed,
                "cannot start " + texts.front() + ": " + std::strerror(failed));
  return pid;
}

bool end_with_parent() {
  auto parent = getppid();
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  return parent > 1 && getppid() == parent;
}

void adopt_orphans() {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
}

void kill_children(int tries) {
  constexpr int pause_ms = 5;
  for (int i = 0; i < tries; ++i) {
    std::ifstream list{"/proc/self/task/" + std::to_string(getpid())
                       + "/children"};
    for (pid_t child = 0; list >> child;)
      ::kill(child, SIGKILL);
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
      // nop
    }
    if (::waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD)
      return;
    ::poll(nullptr, 0, pause_ms);
  }
}

std::string describe_end(int how) {
  if (WIFSIGNALED(how))
    return "was killed by signal " + std::to_string(WTERMSIG(how)) + " ("
           + strsignal(WTERMSIG(how)) + ")";
  return "exited with code " + std::to_string(WEXITSTATUS(how));
}

std::string last_line(const std::string& path) {
  constexpr std::streamoff tail = 4096;
  std::ifstream file{path, std::ios::binary | std::ios::ate};
  auto size = static_cast<std::streamoff>(file.tellg());
  if (!file || size <= 0)
    return {};
  file.seekg(std::max<std::streamoff>(0, size - tail));
  std::string last;
  for (std::string line; std::getline(file, line);)
    if (!line.empty())
      last = std::move(line);
  return last;
}

} // namespace agora
