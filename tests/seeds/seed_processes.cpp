// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/seeds/seed_processes.hpp"

#include "runtime/base/check.hpp"

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <map>
#include <unistd.h>

namespace agora::seeds {

namespace {

/// Longer texts of a child are cut: a pipe holds 64 KiB, and is read when the
/// child has ended.
constexpr size_t text_bytes_limit = 32 * 1024;

struct child {
  uint64_t seed = 0;
  int text = -1;
  int errors = -1;
};

void write_all(int to, std::string text) {
  text.resize(std::min(text.size(), text_bytes_limit));
  for (size_t at = 0; at < text.size();) {
    auto count = ::write(to, text.data() + at, text.size() - at);
    if (count <= 0)
      return;
    at += static_cast<size_t>(count);
  }
}

std::string read_all(int from) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    auto count = ::read(from, buffer.data(), buffer.size());
    if (count <= 0)
      break;
    text.append(buffer.data(), static_cast<size_t>(count));
  }
  ::close(from);
  return text;
}

} // namespace

void run_processes(uint64_t first, uint64_t last, size_t jobs,
                   unsigned limit_seconds, bool keep_errors,
                   const std::function<std::string(uint64_t)>& work,
                   const std::function<bool(const seed_report&)>& done) {
  std::map<pid_t, child> children;
  auto next = first;
  auto start = [&](uint64_t seed) {
    std::array<int, 2> text{};
    std::array<int, 2> errors{};
    AGORA_CHECK(::pipe(text.data()) == 0 && ::pipe(errors.data()) == 0);
    std::fflush(nullptr);
    auto pid = ::fork();
    AGORA_CHECK(pid >= 0);
    if (pid == 0) {
      if (keep_errors)
        ::dup2(errors[1], STDERR_FILENO);
      ::alarm(limit_seconds);
      write_all(text[1], work(seed));
      std::fflush(nullptr);
      ::_exit(0);
    }
    ::close(text[1]);
    ::close(errors[1]);
    children[pid] = {seed, text[0], errors[0]};
  };
  while (next <= last || !children.empty()) {
    while (next <= last && children.size() < jobs)
      start(next++);
    auto status = 0;
    auto pid = ::wait(&status);
    auto found = children.find(pid);
    if (found == children.end())
      continue;
    seed_report report;
    report.seed = found->second.seed;
    report.text = read_all(found->second.text);
    report.errors = read_all(found->second.errors);
    if (WIFSIGNALED(status))
      report.signal = WTERMSIG(status);
    else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
      report.signal = -1;
    children.erase(found);
    if (!done(report))
      next = last + 1;
  }
}

} // namespace agora::seeds
