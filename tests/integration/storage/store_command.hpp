// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/check.hpp"

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>

namespace agora {

/// What a shell command printed and how it ended.
struct command_result {
  std::string output;
  /// The exit status, or 128 + the signal.
  int status = 0;
};

/// Runs `command` in a shell and waits for its end.
inline command_result run_shell(const std::string& command) {
  auto* pipe = ::popen(("exec 2>&1; " + command).c_str(), "re");
  AGORA_CHECK(pipe != nullptr);
  command_result ran;
  std::array<char, 4096> buffer{};
  while (auto got = std::fread(buffer.data(), 1, buffer.size(), pipe))
    ran.output.append(buffer.data(), got);
  auto ended = ::pclose(pipe);
  ran.status = WIFSIGNALED(ended) ? 128 + WTERMSIG(ended) : WEXITSTATUS(ended);
  return ran;
}

/// Runs the program of store_process.cpp with `arguments`.
inline command_result run_store_command(const std::string& arguments) {
  return run_shell("exec " AGORA_STORE_PROCESS " " + arguments);
}

} // namespace agora
