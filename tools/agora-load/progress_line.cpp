// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora-load/progress_line.hpp"

#include <cstdio>
#include <unistd.h>
#include <utility>

namespace agora::load {

namespace {

/// Between two lines, on a terminal and elsewhere.
constexpr std::chrono::milliseconds terminal_interval{100};
constexpr std::chrono::milliseconds file_interval{5'000};

} // namespace

progress_line::progress_line() : terminal_(::isatty(STDERR_FILENO) == 1) {
  // nop
}

progress_line::~progress_line() {
  if (open_)
    std::fputc('\n', stderr);
}

void progress_line::show(const std::string& text) {
  auto now = clock::now();
  if (now - shown_at_ < (terminal_ ? terminal_interval : file_interval))
    return;
  shown_at_ = now;
  open_ = terminal_;
  std::fprintf(stderr, terminal_ ? "\r\033[K%s" : "%s\n", text.c_str());
  std::fflush(stderr);
}

void progress_line::say(const std::string& text) {
  std::fprintf(stderr, terminal_ ? "\r\033[K%s\n" : "%s\n", text.c_str());
  open_ = false;
}

} // namespace agora::load
