// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/simulation/stale_leader.hpp"
#include "tests/simulation/tested_cluster.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace agora::simulation {

/// Breaks parts of a cluster by chance, as its plan says, and repairs them
/// after a while.
class fault_injector {
public:
  fault_injector(world& sim, tested_cluster& cluster);

  /// From now on.
  void begin();

  /// No more faults; everything that is broken is repaired now.
  void heal();

  /// Since when nothing has been broken; the time when it began, if nothing
  /// ever was.
  world::time_point healthy_since() const {
    return healthy_since_;
  }

  size_t faults() const {
    return faults_;
  }

private:
  using action = void (fault_injector::*)();

  struct choice {
    unsigned weight = 0;
    action what = nullptr;
  };

  void schedule();
  void inject();
  std::chrono::nanoseconds some_time();

  void reset();
  void partition();
  void stop();
  void crash_master();
  void stale_master();
  void crash_agent();
  void crash_framework();
  void second_framework();
  void reboot();
  void slow_disk();
  void fail_disk();
  void clone();
  void wipe();

  simulated_master& some_master();
  simulated_agent& some_agent();
  /// Whom a master may be cut off from.
  machine_number some_peer_of(machine_number master);
  tested_framework& some_framework();
  machine_number some_machine();
  process_number some_process();

  world& sim_;
  tested_cluster& cluster_;
  stale_leader stale_;
  random_source random_;
  std::vector<choice> choices_;
  uint64_t weight_ = 0;
  bool over_ = true;
  size_t faults_ = 0;
  world::time_point healthy_since_;
};

} // namespace agora::simulation
