// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>
#include <functional>
#include <thread>

namespace agora {

/// Takes SIGINT and SIGTERM out of the hands of the process and reports them
/// to a function, while it lives. Make it before any other thread starts:
/// threads inherit that these signals are blocked.
class interrupt_watch {
public:
  /// @param interrupted Gets the signal's number; runs on a thread of its own.
  explicit interrupt_watch(std::function<void(int)> interrupted);

  interrupt_watch(const interrupt_watch&) = delete;
  interrupt_watch& operator=(const interrupt_watch&) = delete;

  /// Waits for a report that is under way, then gives the signals back.
  ~interrupt_watch();

private:
  void run();

  std::function<void(int)> interrupted_;
  sigset_t before_{};
  int signals_ = -1;
  int stop_ = -1;
  std::thread thread_;
};

} // namespace agora
