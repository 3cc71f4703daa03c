// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/testing/simulated_host.hpp"
#include "actors/testing/world.hpp"
#include "runtime/base/ids.hpp"
#include "tests/simulation/log_checker.hpp"

#include "agora/v1/frameworks.pb.h"
#include "agora/v1/tasks.pb.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace agora::simulation {

/// How a simulated framework behaves; all of it follows from the seed.
struct framework_character {
  std::string name;
  std::vector<std::string> roles;
  bool partition_aware = true;
  bool tells_killing = false;
  bool explicit_acknowledgements = false;
  double failover_timeout = 10;
  /// Tasks that have to finish.
  size_t goal = 20;
  /// Tasks that run at once, at most.
  size_t at_once = 8;
  /// For each offer: that it is kept for a while first.
  double hoards = 0;
  /// For each offer: that it is declined although it would fit.
  double declines = 0;
  /// In each second: that one of its own tasks is killed.
  double kills = 0;
  /// In each second: that it wants no offers for a while.
  double suppresses = 0;
  /// For each launch: that it is a LAUNCH_GROUP.
  double groups = 0;
  /// For each task: that its program fails, is missing, heeds no SIGTERM.
  double fails = 0.05;
  double missing = 0.02;
  double stubborn = 0.05;
  std::chrono::milliseconds shortest_task{50};
  std::chrono::milliseconds longest_task{4'000};

  v1::FrameworkInfo info() const;
};

/// The command of a task that behaves so; its name has the framework's, the
/// process' and a number.
std::string to_command(const task_behavior& behavior);

/// A behavior_source: what the command says.
result<task_behavior> behavior_of(const launch_spec& what,
                                  const std::string& machine);

/// What a framework knows of one of its tasks.
struct known_task {
  framework_id framework;
  agent_id agent;
  v1::TaskState state = v1::TASK_STAGING;
  bool terminal = false;
  /// The terminal state was only the master's answer to a question.
  bool by_reconciliation = false;
  /// Which of the framework's processes heard the terminal state.
  process_number ended_for = no_process;
  /// The framework does not wait for it any more: another one replaces it.
  bool given_up = false;
  world::time_point launched;
};

/// What a framework has stored where none of its crashes reaches it: its id,
/// what it has launched, and what it has heard. It checks what it hears, also
/// against the log: nothing that is final may be told before it is durable.
class framework_ledger {
public:
  framework_ledger(world& sim, const log_checker& log,
                   framework_character character);

  const framework_character& character() const {
    return character_;
  }

  /// Empty until it was subscribed.
  const framework_id& id() const {
    return id_;
  }

  void subscribed(const framework_id& id);

  /// The master says that the framework has ended: everything it had is over,
  /// and it begins as a new framework.
  void ended();

  /// The next task's behavior; `process` is a part of its name.
  task_behavior next_task(process_number process, random_source& random);

  void launched(const std::string& task, const agent_id& agent);

  /// Checks and takes a status.
  /// @param by The process of the framework that hears it.
  void heard(const v1::TaskStatus& status, process_number by);

  const std::map<task_id, known_task>& tasks() const {
    return tasks_;
  }

  size_t finished() const {
    return finished_;
  }

  /// Launched, not ended, and waited for.
  size_t live() const {
    return live_;
  }

  /// How many more tasks it wants to launch now.
  size_t wanted() const;

  bool done() const {
    return finished_ >= character_.goal && live_ == 0;
  }

  // -- offers -----------------------------------------------------------------

  /// It was offered something just now.
  void offered();

  /// Since when it would take an offer and has got none; nothing if it does not
  /// wait.
  std::optional<world::time_point> hungry_since() const {
    return hungry_since_;
  }

  /// Says again whether it is connected and would take an offer.
  void set_hungry(bool hungry);

private:
  void check_logged(const task_id& id, const v1::TaskStatus& status);
  void end_task(known_task& task, v1::TaskState state);

  world& sim_;
  const log_checker& log_;
  framework_character character_;
  framework_id id_;
  uint64_t next_task_ = 0;
  std::map<task_id, known_task> tasks_;
  size_t finished_ = 0;
  size_t live_ = 0;
  std::optional<world::time_point> hungry_since_;
};

} // namespace agora::simulation
