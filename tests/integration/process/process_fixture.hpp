// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/process/posix_launcher.hpp"
#include "runtime/process/unique_fd.hpp"
#include "tests/support/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace agora::test {

/// How long anything may take before the test fails: far longer than it does,
/// however busy the machine is.
inline constexpr std::chrono::seconds patience{30};

/// Collects the events of a launcher, and lets a test wait for them.
class event_log {
public:
  launcher::listener listener();

  /// Waits for the last event of `key`; fails the test if it does not come.
  process_event last_of(const std::string& key);

  /// Waits for the process_started of `key`; fails the test if another comes.
  process_started started(const std::string& key);

  /// The status that the process_exited of `key` has.
  exit_status exit_of(const std::string& key);

  process_start_failed failure_of(const std::string& key);

  /// How many last events of any key there are, at once.
  size_t count_over();

  /// Waits until `count` keys are over.
  bool wait_over(size_t count);

  std::vector<process_event> events_of(const std::string& key);

  void clear();

private:
  std::optional<process_event>
  wait_for(const std::function<bool(const process_event&)>& wanted);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<process_event> events_;
};

/// A named pipe, by which a task tells the test something, or the other way
/// round.
class named_pipe {
public:
  explicit named_pipe(std::string path);

  /// Waits for a line, and returns it without its newline.
  std::string read_line();

  void write_line(const std::string& line);

  const std::string& path() const {
    return path_;
  }

private:
  std::string path_;
  unique_fd file_;
};

/// Stands for one process, even after its end.
class process_handle {
public:
  explicit process_handle(pid_t pid);

  /// Whether it has ended, now.
  bool ended() const;

  /// Waits for its end.
  bool wait() const;

private:
  unique_fd file_;
};

/// Real processes below a real shim.
class ProcessTest : public ::testing::Test {
protected:
  ProcessTest();
  ~ProcessTest() override;

  static std::string shim_program();

  /// A launcher that writes to `events_`.
  std::unique_ptr<launcher> make_launcher(std::string boot_id = {});

  /// No other test, in this process or another, has this key.
  std::string new_key();

  /// A shell command in a sandbox of its own.
  launch_spec shell(std::string command);

  /// A program with its arguments, in a sandbox of its own.
  launch_spec program(std::vector<std::string> arguments);

  /// Launches `spec`, waits for its end, and says how it was.
  exit_status run(launch_spec spec);

  static std::string contents(const std::filesystem::path& file);

  std::filesystem::path record_of(const std::string& key) const;

  /// The pid of the shim, from the record of `key`.
  pid_t shim_of(const std::string& key) const;

  scratch_directory scratch_;
  std::filesystem::path run_directory_;
  event_log events_;
  std::unique_ptr<launcher> launcher_;
};

} // namespace agora::test
