// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/testing/world.hpp"
#include "runtime/base/result.hpp"
#include "runtime/process/launcher.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace agora::simulation {

/// What the process of a simulated task does.
struct task_behavior {
  /// Unique among all tasks that ever were: a second start is a violation.
  std::string task;
  /// Until it ends by itself; nothing: it runs until it is ended.
  std::optional<std::chrono::milliseconds> lasts;
  int exit_code = 0;
  /// It does not end on SIGTERM.
  bool stubborn = false;
  /// Its program does not exist.
  bool missing = false;

  /// Ends by itself with `exit_code`: 0 is TASK_FINISHED, others TASK_FAILED.
  static task_behavior ends_after(std::chrono::milliseconds time,
                                  int exit_code = 0);
  /// Runs until somebody ends it.
  static task_behavior hangs();
  /// The same, and takes SIGKILL to end.
  static task_behavior resists();
  /// Cannot be started.
  static task_behavior is_missing();
};

/// Says what a process does that the agent on `machine` starts. An error
/// refuses the start.
using behavior_source = std::function<result<task_behavior>(
  const launch_spec& what, const std::string& machine)>;

/// Every start of every task, on all machines: no task may have two. Nobody can
/// tell a machine that was started again from another one with a copy of its
/// disk: what either was asked to start may start on both.
struct start_ledger {
  struct place {
    std::string machine;
    /// The same for a machine and those with a copy of its disk.
    std::string identity;
  };

  /// By task: the machine that started it first.
  std::map<std::string, place> starts;
};

/// A machine that runs processes: they live on when the agent that started
/// them dies, and end when the machine does. Its records of them are as
/// runtime/process has them.
class simulated_host {
public:
  simulated_host(world& sim, start_ledger& starts, std::string name,
                 behavior_source behavior);

  /// The launcher of the agent's process. There is one agent at a time; an
  /// earlier launcher hears nothing any more.
  std::unique_ptr<launcher> make_launcher(process_number agent,
                                          launcher::listener listener);

  /// The agent's process was killed. What it was just about to start may
  /// start, or not.
  void agent_died();

  /// All processes end at once.
  void power_off();

  /// The machine is up again.
  void boot();

  /// Its disk is empty. To be called while it is off.
  void wipe();

  /// Its agent's disk is a copy of the other's.
  void shares_identity_with(const simulated_host& other) {
    identity_ = other.identity_;
  }

  /// The process of the task, by its behavior, ends now.
  /// @returns false if none runs.
  bool end_task(const std::string& task, exit_status how);

  /// Whether the process of the task runs.
  bool runs_task(const std::string& task) const;

  /// Of the present boot.
  const std::string& boot_id() const {
    return boot_id_;
  }

  /// Processes that run.
  size_t running() const;

  /// Of processes, running or over and not forgotten.
  size_t records() const {
    return containers_.size();
  }

  /// For people: what runs.
  std::string describe_running() const;

private:
  class launcher_of_agent;

  enum class phase : uint8_t { asked, running, over };

  struct container {
    task_behavior behavior;
    phase at = phase::asked;
    bool terminated = false;
    bool killed = false;
    exit_status status;
    /// The present launcher knows of it, and was told of its start, and end.
    bool watched = false;
    bool told_start = false;
    bool told_end = false;
    /// Tells a later container of the same key from this one.
    uint64_t serial = 0;
  };

  container* find(const std::string& key, uint64_t serial);
  void begin(const std::string& key, uint64_t serial);
  void end(const std::string& key, uint64_t serial, exit_status how);
  void apply_signals(const std::string& key, container& which);
  void tell(process_event event);
  void tell_all(const std::string& key, container& which, bool reattached);

  world& sim_;
  start_ledger& starts_;
  random_source random_;
  std::string name_;
  behavior_source behavior_;
  std::string identity_;
  std::string boot_id_;
  uint64_t boots_ = 0;
  uint64_t serials_ = 0;
  std::map<std::string, container> containers_;

  process_number agent_ = no_process;
  uint64_t life_ = 0;
  launcher::listener listener_;
};

} // namespace agora::simulation
