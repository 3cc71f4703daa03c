// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/log_simulation/log_clients.hpp"
#include "tests/log_simulation/log_network.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace agora::log_simulation {

/// Breaks things, and mends them after a while.
class log_faults {
public:
  log_faults(simulated_log_world& world, const plan& how, log_network& network,
             members_by_uid& members, std::function<void()> add_spare);

  void start();

  /// Nothing breaks any more, and what is broken is mended.
  void stop();

  uint64_t count() const noexcept {
    return count_;
  }

private:
  using fault = void (log_faults::*)();

  void next();
  void crash();
  void crash_all();
  void partition();
  void one_way();
  void isolate_leader();
  void slow_disk();
  void pause();
  void clock_jump();
  void transfer();
  void change_members();
  void wipe();
  void try_change(member_uid chosen, int attempts);
  bool change_at(simulated_log_member& which, member_uid chosen);

  void end_process(simulated_log_member& which);
  void cut_between(const std::vector<member_uid>& some, bool both_ways);
  void tell_lost(member_uid from, member_uid to);
  simulated_log_member& any();
  simulated_log_member* leader();

  simulated_log_world& world_;
  const plan& plan_;
  log_network& network_;
  members_by_uid& members_;
  std::function<void()> add_spare_;
  uint64_t count_ = 0;
  bool stopped_ = false;
};

} // namespace agora::log_simulation
