// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agorad/supervisor.hpp"

#include "runtime/node/command_line.hpp"
#include "runtime/node/node_program.hpp"
#include "runtime/node/setting_values.hpp"
#include "tools/agorad/child.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>

namespace agora {

namespace {

// Rounds of 5 ms each: see kill_children.
constexpr int kill_tries = 100;

sigset_t awaited_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGCHLD);
  return set;
}

void tell(const std::string& text) {
  std::fprintf(stderr, "agorad local: %s\n", text.c_str());
}

int wait_for(std::chrono::nanoseconds longest) {
  auto set = awaited_signals();
  auto rest = std::max(longest, std::chrono::nanoseconds{0});
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(rest);
  timespec wait{seconds.count(), (rest - seconds).count()};
  return std::max(0, sigtimedwait(&set, nullptr, &wait));
}

} // namespace

supervisor::supervisor(std::vector<supervised_part> parts) {
  for (auto& part : parts)
    parts_.push_back({std::move(part), {}, -1, clock::now()});
}

void supervisor::block_signals() {
  auto set = awaited_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

int supervisor::run() {
  while (!ending_) {
    start_due_parts();
    if (ending_)
      break;
    switch (wait_for_signal()) {
      case SIGINT:
      case SIGTERM:
        tell("ending");
        ending_ = true;
        break;
      default:
        reap();
    }
  }
  end_all();
  return exit_code_;
}

void supervisor::start_due_parts() {
  for (auto& part : parts_) {
    if (part.pid > 0 || part.start_at > clock::now())
      continue;
    auto pid = spawn_self(part.what.arguments, part.what.log_file);
    if (!pid) {
      give_up(part, text_of(pid.error()), exit_failed);
      return;
    }
    part.pid = *pid;
    part.policy.started(clock::now());
    tell(part.what.name + " started, pid " + std::to_string(*pid) + ", log "
         + part.what.log_file);
  }
}

int supervisor::wait_for_signal() const {
  // Nothing is due for an hour if every part runs.
  auto next = clock::now() + std::chrono::hours{1};
  for (const auto& part : parts_)
    if (part.pid < 0)
      next = std::min(next, part.start_at);
  return wait_for(next - clock::now());
}

void supervisor::reap() {
  int how = 0;
  // Also of orphans that this process has adopted: they are only buried.
  for (pid_t pid = 0; (pid = ::waitpid(-1, &how, WNOHANG)) > 0;)
    for (auto& part : parts_)
      if (part.pid == pid)
        part_ended(part, how);
}

void supervisor::part_ended(running_part& part, int how) {
  part.pid = -1;
  if (ending_)
    return;
  if (WIFEXITED(how) && WEXITSTATUS(how) == exit_usage)
    return give_up(part, describe_end(how), exit_usage);
  auto delay = part.policy.died(clock::now());
  if (!delay)
    return give_up(part,
                   describe_end(how) + ", as it did "
                     + std::to_string(restart_policy::deaths_limit)
                     + " times in a row",
                   exit_failed);
  part.start_at = clock::now() + *delay;
  tell(part.what.name + " " + describe_end(how) + ", starting it again in "
       + render_duration(*delay));
}

void supervisor::give_up(const running_part& part, const std::string& why,
                         int code) {
  tell(part.what.name + " " + why
       + "; the last line of its log: " + last_line(part.what.log_file));
  exit_code_ = code;
  ending_ = true;
}

bool supervisor::any_alive() const {
  return std::any_of(parts_.begin(), parts_.end(), [](const auto& part) {
    return part.pid > 0;
  });
}

void supervisor::end_all() {
  ending_ = true;
  for (const auto& part : parts_)
    if (part.pid > 0)
      ::kill(part.pid, SIGTERM);
  auto begun = clock::now();
  auto deadline = begun + end_timeout;
  while (any_alive() && clock::now() < deadline) {
    auto signal = wait_for(deadline - clock::now());
    reap();
    // Whoever asks twice does not want to wait.
    if ((signal == SIGINT || signal == SIGTERM)
        && clock::now() - begun >= signal_repeat_grace)
      break;
  }
  for (const auto& part : parts_)
    if (part.pid > 0)
      tell(part.what.name + " did not end in time and is killed");
  // Tasks whose agents have ended are children of this process by now.
  kill_children(kill_tries);
  tell("ended");
}

} // namespace agora
