// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/process/process_identity.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace agora {

/// A limit of the kernel's on one process, as setrlimit(2) takes it.
struct process_limit {
  /// RLIMIT_NOFILE, RLIMIT_CORE, ...
  int resource = 0;
  uint64_t soft = 0;
  uint64_t hard = 0;
};

/// One process to start: a task's command, or an executor's.
struct launch_spec {
  /// Names this attempt to run a container, among all that ever ran on this
  /// machine: later attempts get other keys. 1 to `max_key_bytes` of
  /// [A-Za-z0-9._-], not beginning with a dot. It is part of a file name, and
  /// stands in the environment as AGORA_TASK_KEY, by which what the task leaves
  /// behind is found even if its shim was killed.
  std::string task_key;

  /// Where the shim keeps its record, the file `<task_key>.state`; made if it
  /// does not exist. Many keys may share one directory, which saves making
  /// and removing one for each. Must be on a local file system, writable by
  /// the agent only. Absolute.
  std::filesystem::path run_directory;

  /// The working directory, which must exist; output is appended to its files
  /// `stdout` and `stderr`. All three are opened with the rights of `user`.
  /// Absolute.
  std::filesystem::path sandbox;

  /// True: `command` is given to `/bin/sh -c`, and `arguments` must be empty.
  /// False: `command` is the program, looked up in the PATH of `environment`
  /// unless it has a slash.
  bool shell = true;

  std::string command;

  /// With `shell` false: the whole argument vector, beginning with the
  /// program's name for itself. Empty: just `command`.
  std::vector<std::string> arguments;

  /// The whole environment: nothing of the agent's own is inherited. The last
  /// of several values of one variable counts.
  std::vector<std::pair<std::string, std::string>> environment;

  /// Empty: the agent's own user. Another one takes an agent that is root.
  std::string user;

  /// Set before the user is switched.
  std::vector<process_limit> limits;
};

inline constexpr size_t max_key_bytes = 200;

/// The longest argument or `NAME=value`: the kernel takes 128 KiB with its zero
/// byte, and answers E2BIG to more.
inline constexpr size_t max_argument_bytes = 128 * 1024 - 1;

/// All arguments and the environment of one launch together. The kernel takes a
/// quarter of the stack limit, usually 2 MiB, less a pointer for each.
inline constexpr size_t max_launch_bytes = 2 * 1024 * 1024;

/// How many limits one launch may set.
inline constexpr size_t max_process_limits = 16;

/// The longest path of a directory; a file's name must fit behind it.
inline constexpr size_t max_path_bytes = 3800;

/// The variable that tells a task, and whoever looks at its processes, its key.
inline constexpr std::string_view task_key_variable = "AGORA_TASK_KEY";

/// Whether `key` is well-formed. Fails: invalid_argument.
status check_task_key(const std::string& key);

/// Whether `directory` can hold records. Fails: invalid_argument, too_large.
status check_run_directory(const std::filesystem::path& directory);

/// What `launcher::launch` refuses at once: a malformed key, a relative path,
/// no command, a zero byte, a bad name of a variable (invalid_argument, naming
/// the field), or too much of something (too_large).
status check_launch_spec(const launch_spec& spec);

/// How a task's first process ended.
struct exit_status {
  enum class kind : uint8_t {
    /// It ended by itself, with `code`.
    exited,
    /// `signal` ended it.
    signaled,
    /// It is over, and nobody saw how: `reason` says why.
    unknown,
  };

  enum class cause : uint8_t {
    none,
    /// The shim was killed; the task was ended with it.
    shim_died,
    /// The machine has been started again since.
    rebooted,
    /// The shim's record is missing its contents, or damaged.
    record_lost,
  };

  kind how = kind::unknown;
  int code = 0;
  int signal = 0;
  bool core_dumped = false;
  cause reason = cause::none;

  static exit_status make_exited(int code);
  static exit_status make_signaled(int signal, bool core_dumped = false);
  static exit_status make_unknown(cause reason);

  bool success() const {
    return how == kind::exited && code == 0;
  }

  friend bool operator==(const exit_status&, const exit_status&) = default;
};

/// One line for people: "exited with status 3", "terminated by signal SIGKILL",
/// "unknown: its shim was killed".
std::string to_string(const exit_status& what);

/// The task's program was executed. (What it then does, a missing library for
/// instance, is part of its exit status.)
struct process_started {
  std::string key;
  process_identity shim;
  process_identity task;
  /// Found by `reattach`, rather than started by `launch`.
  bool reattached = false;
};

/// The task's program was not executed; nothing is left running.
struct process_start_failed {
  std::string key;
  /// What was being done, for people: "look up user", "enter sandbox",
  /// "execute".
  std::string step;
  /// From errno; 0 if there was none.
  int error_number = 0;
  /// The whole story, naming the user, file or program in question.
  std::string text;
};

/// The task is over: its first process has ended, and so has everything that it
/// had started.
struct process_exited {
  std::string key;
  exit_status status;
};

using process_event
  = std::variant<process_started, process_start_failed, process_exited>;

/// The key that `event` is about.
const std::string& key_of(const process_event& event);

/// How hard to stop a task.
enum class kill_mode : uint8_t {
  /// SIGTERM to the process group of the task, which may take its time.
  terminate,
  /// SIGKILL to all that the task has started, until none is left.
  kill,
};

/// Starts processes that outlive their starter, and says how they ended. The
/// agent's only way to processes: simulation, load and tests put another one in
/// its place.
///
/// Each key that `launch` or `reattach` accepted gets exactly one of
///   - process_start_failed,
///   - process_started, then process_exited,
///   - process_exited alone, with an unknown status (after `reattach` only).
///
/// Ownership: the launcher owns no task. Destroying it leaves them running, and
/// their events to the launcher that re-attaches. It calls the listener from
/// its own single thread, one event at a time, never from within a call and
/// never after its destructor has returned; the listener must be quick (it
/// delays all others) and may call the launcher, but not destroy it. All
/// methods may be called from any thread, and do not wait for processes.
class launcher {
public:
  using listener = std::function<void(process_event)>;

  virtual ~launcher() = default;

  /// Starts a process. Fails at once: as `check_launch_spec` says;
  /// already_exists (the key is known and not forgotten); limit_reached;
  /// shutting_down. All else arrives as an event.
  virtual status launch(launch_spec spec) = 0;

  /// Takes over what another launcher, of an agent that has ended since, was
  /// asked to start as `key` in `run_directory`. Whatever has become of it
  /// arrives as events; if it was not started by now, it never will be, and
  /// process_start_failed says so. Fails: invalid_argument, already_exists,
  /// limit_reached, shutting_down.
  virtual status reattach(std::string key, std::filesystem::path run_directory)
    = 0;

  /// Asks a task to end, or ends it; the outcome is its process_exited. Before
  /// the task has started, the signal waits for it to start. Fails: not_found
  /// if there is no such key; a task that has ended is no error.
  virtual status signal(const std::string& key, kill_mode mode) = 0;

  /// Removes the record of a task that is over, once its end is recorded
  /// elsewhere: until then, `reattach` reports it again. Ignored if there is no
  /// such key, or if it still runs.
  virtual void forget(const std::string& key) = 0;
};

} // namespace agora
