// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/consensus/configuration.hpp"
#include "tests/log_simulation/simulated_log_world.hpp"

#include <functional>
#include <set>
#include <utility>

namespace agora::log_simulation {

/// What lies between members: every way in each direction may be cut, slow,
/// lossy, and out of order.
class log_network {
public:
  log_network(simulated_log_world& world, const plan& how)
    : world_(world), plan_(how) {
    // nop
  }

  /// Lets `arrive` happen later, once, twice or never.
  void carry(member_uid from, member_uid to, std::function<void()> arrive) {
    auto& random = world_.random;
    if (is_cut(from, to) || (!healed_ && random.chance(plan_.loss)))
      return;
    if (!healed_ && random.chance(plan_.duplicate))
      send(from, to, arrive);
    send(from, to, std::move(arrive));
  }

  void cut(member_uid from, member_uid to) {
    cut_.insert({from, to});
  }

  void join(member_uid from, member_uid to) {
    cut_.erase({from, to});
  }

  bool is_cut(member_uid from, member_uid to) const {
    return cut_.contains({from, to});
  }

  /// From now on nothing is lost.
  void heal() {
    cut_.clear();
    healed_ = true;
  }

private:
  void send(member_uid from, member_uid to, std::function<void()> arrive) {
    world_.after(world_.random.between(1, plan_.delay_most),
                 [this, from, to, arrive = std::move(arrive)] {
                   if (!is_cut(from, to))
                     arrive();
                 });
  }

  simulated_log_world& world_;
  const plan& plan_;
  std::set<std::pair<member_uid, member_uid>> cut_;
  bool healed_ = false;
};

} // namespace agora::log_simulation
