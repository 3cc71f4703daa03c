// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "tools/agorad/restart_policy.hpp"

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <string>
#include <vector>

namespace agora {

/// One process to keep running.
struct supervised_part {
  /// For people: "master", "agent-1".
  std::string name;
  std::vector<std::string> arguments;
  std::string log_file;
};

/// Keeps processes of this program running, starts them again with backoff when
/// they die, and ends them all, with everything that they have started, at
/// SIGINT or SIGTERM. Plain C++ on one thread; tells on standard error what
/// starts and dies.
class supervisor {
public:
  /// Parts have this long to end in order; together with what follows it stays
  /// below the 5 s that a user waits at most.
  static constexpr std::chrono::milliseconds end_timeout{4'200};

  explicit supervisor(std::vector<supervised_part> parts);

  /// Runs until a signal, or until a part has to be given up. Signals must be
  /// blocked (block_ending_signals) and adopt_orphans must have been called.
  /// Returns the exit code of the program: 0 after a signal.
  int run();

  /// Blocks what run() waits for, for the whole process.
  static void block_signals();

private:
  using clock = std::chrono::steady_clock;

  struct running_part {
    supervised_part what;
    restart_policy policy;
    pid_t pid = -1;
    /// When to start it; meaningful while pid is -1.
    clock::time_point start_at;
  };

  void start_due_parts();
  /// Waits for a signal or the next start; returns the signal or 0.
  int wait_for_signal() const;
  void reap();
  void part_ended(running_part& part, int how);
  void give_up(const running_part& part, const std::string& why, int code);
  void end_all();
  bool any_alive() const;

  std::vector<running_part> parts_;
  bool ending_ = false;
  int exit_code_ = 0;
};

} // namespace agora
