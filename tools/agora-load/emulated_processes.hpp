// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/process/launcher.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>

namespace agora::load {

/// Processes that do not exist, for all emulated agents of this process: a
/// command starts at once and exits with 0 at once, unless it begins with
/// `held_command`; then it runs until it is told to end.
///
/// One thread tells the listeners of all launchers what becomes of them.
class emulated_processes {
public:
  static constexpr std::string_view held_command = "sleep infinity";

  emulated_processes();
  emulated_processes(const emulated_processes&) = delete;
  emulated_processes& operator=(const emulated_processes&) = delete;
  /// Every launcher must have ended by then.
  ~emulated_processes();

  /// A launcher for one agent; must end before this object.
  std::unique_ptr<launcher> make_launcher(launcher::listener listener);

  /// Ends every process that is held, with exit code 0.
  void finish_all();

  /// Tasks that were started, and starts of tasks that had been started
  /// before: there must be none.
  uint64_t started() const;
  uint64_t started_again() const;

private:
  class emulated_launcher;

  struct happening {
    emulated_launcher* to;
    process_event event;
  };

  /// Tells listeners until the end.
  void run();

  /// Counts the start of the task that `spec` is for.
  void count_start(const launch_spec& spec);

  mutable std::mutex mutex_;
  std::condition_variable news_;
  /// When nothing of a launcher that ends is being told.
  std::condition_variable told_;
  std::deque<happening> queue_;
  std::unordered_set<emulated_launcher*> launchers_;
  emulated_launcher* telling_ = nullptr;
  /// Framework and task.
  std::unordered_set<std::string> tasks_;
  uint64_t started_again_ = 0;
  bool ending_ = false;
  std::thread thread_;
};

} // namespace agora::load
