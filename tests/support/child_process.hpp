// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/check.hpp"

#include <sys/wait.h>

#include <array>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <string>
#include <unistd.h>
#include <vector>

extern char** environ;

namespace agora {

/// A program that a test has started, with its output. What still runs at the
/// end of the test is killed.
class child_process {
public:
  /// @param environment Beside the test's own, NAME=VALUE.
  explicit child_process(std::vector<std::string> arguments,
                         std::vector<std::string> environment = {}) {
    std::array<int, 2> out{};
    std::array<int, 2> err{};
    AGORA_CHECK(pipe2(out.data(), O_CLOEXEC) == 0);
    AGORA_CHECK(pipe2(err.data(), O_CLOEXEC) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_adddup2(&actions, err[1], 2);
    std::vector<char*> argv;
    for (auto& argument : arguments)
      argv.push_back(argument.data());
    argv.push_back(nullptr);
    std::vector<char*> envp;
    for (auto variable = environ; *variable != nullptr; ++variable)
      envp.push_back(*variable);
    for (auto& variable : environment)
      envp.push_back(variable.data());
    envp.push_back(nullptr);
    auto failed = posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(),
                               envp.data());
    AGORA_CHECK(failed == 0);
    posix_spawn_file_actions_destroy(&actions);
    close(out[1]);
    close(err[1]);
    pipes_ = {out[0], err[0]};
  }

  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  ~child_process() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    for (auto pipe : pipes_)
      close(pipe);
  }

  pid_t pid() const noexcept {
    return pid_;
  }

  void signal(int number) const {
    AGORA_CHECK(pid_ > 0);
    ::kill(pid_, number);
  }

  /// Reads until standard output or error hold `text`; false if they end, or
  /// `deadline` passes, without it.
  bool wait_for_output(const std::string& text,
                       std::chrono::milliseconds deadline
                       = std::chrono::seconds{20}) {
    auto end = std::chrono::steady_clock::now() + deadline;
    while (out_.find(text) == std::string::npos
           && err_.find(text) == std::string::npos)
      if (!read_some(end))
        return false;
    return true;
  }

  /// Waits for the end and returns the exit code, or 128 plus the number of the
  /// signal that ended it; -1 if it still runs at `deadline`.
  int wait(std::chrono::milliseconds deadline = std::chrono::seconds{20}) {
    auto end = std::chrono::steady_clock::now() + deadline;
    while (read_some(end)) {
      // nop
    }
    int how = 0;
    for (;;) {
      auto ended = ::waitpid(pid_, &how, WNOHANG);
      if (ended == pid_)
        break;
      if (std::chrono::steady_clock::now() >= end)
        return -1;
      // Its pipes are closed: it is about to end.
      ::poll(nullptr, 0, 1);
    }
    pid_ = -1;
    return WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
  }

  /// What was read so far.
  const std::string& out() const noexcept {
    return out_;
  }

  const std::string& err() const noexcept {
    return err_;
  }

private:
  bool read_some(std::chrono::steady_clock::time_point end) {
    std::array<pollfd, 2> fds{};
    for (size_t i = 0; i < 2; ++i)
      fds[i] = {open_[i] ? pipes_[i] : -1, POLLIN, 0};
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      end - std::chrono::steady_clock::now());
    if ((!open_[0] && !open_[1]) || left.count() <= 0
        || ::poll(fds.data(), fds.size(), static_cast<int>(left.count())) <= 0)
      return false;
    for (size_t i = 0; i < 2; ++i) {
      if (fds[i].revents == 0)
        continue;
      std::array<char, 65536> chunk{};
      auto count = ::read(pipes_[i], chunk.data(), chunk.size());
      if (count > 0)
        (i == 0 ? out_ : err_).append(chunk.data(), static_cast<size_t>(count));
      else
        open_[i] = false;
    }
    return true;
  }

  pid_t pid_ = -1;
  std::array<int, 2> pipes_{};
  std::array<bool, 2> open_{true, true};
  std::string out_;
  std::string err_;
};

} // namespace agora
