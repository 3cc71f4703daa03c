// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/allocator/allocation_limits.hpp"
#include "actors/allocator/allocation_planner.hpp"
#include "runtime/resources/dominant_share.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace agora::test {

/// The allocator's rules in their slowest form: no index, no memory of what
/// has changed; every plan looks at every agent, framework and filter. For
/// scalars only.
class reference_allocator {
public:
  using time_point = allocation_planner::time_point;
  using client = std::pair<std::string, std::string>; // framework, role

  struct holding {
    resources offered;
    resources used;
    bool untouched = true;
  };

  struct agent {
    std::string id;
    bool attached = true;
    resources total;
    std::map<client, holding> held;
    std::map<client, int> passed;

    resources free() const {
      auto rest = total;
      for (auto& [who, part] : held) {
        rest -= part.offered;
        rest -= part.used;
      }
      return rest;
    }
  };

  struct subscription {
    bool connected = false;
    bool suppressed = false;
    int revivals = 0;
    int turn = 0;
  };

  struct filter {
    client who;
    std::string agent;
    resources amount;
    time_point end;
  };

  std::vector<agent> agents; // in the order of attachment
  std::map<client, subscription> clients;
  std::vector<filter> filters;
  std::map<std::string, int> role_turns;
  int turns = 0;

  agent* find(const std::string& id) {
    auto found = std::find_if(agents.begin(), agents.end(), [&](auto& a) {
      return a.id == id;
    });
    return found == agents.end() ? nullptr : &*found;
  }

  void drop_filters(const client& who) {
    std::erase_if(filters, [&](auto& f) {
      return f.who == who;
    });
  }

  bool competes(const client& who) const {
    auto& it = clients.at(who);
    return it.connected && !it.suppressed;
  }

  bool filtered(const client& who, const agent& of) const {
    return std::any_of(filters.begin(), filters.end(), [&](auto& f) {
      return f.who == who && f.agent == of.id && f.amount.contains(of.free());
    });
  }

  static bool enough(const resources& free) {
    return free.cpus().milli() >= allocation_limits::offerable_cpus_milli
           || free.mem().milli() >= allocation_limits::offerable_mem_milli;
  }

  resource_share share_of(const client* who, const std::string& role) const {
    resources total;
    resources has;
    for (auto& a : agents) {
      if (a.attached)
        total += a.total;
      for (auto& [holder, part] : a.held)
        if (who ? holder == *who : holder.second == role) {
          has += part.offered;
          has += part.used;
        }
    }
    return dominant_share(has, total).share;
  }

  /// Who can be offered the agent.
  std::vector<client> able(const agent& of) const {
    std::vector<client> found;
    if (of.attached && enough(of.free()))
      for (auto& [who, it] : clients)
        if (competes(who) && !filtered(who, of))
          found.push_back(who);
    return found;
  }

  std::vector<std::tuple<client, std::string, resources>> plan(time_point now) {
    std::erase_if(filters, [&](auto& f) {
      return f.end <= now;
    });
    std::vector<std::tuple<client, std::string, resources>> offers;
    for (auto& of : agents) {
      auto candidates = able(of);
      if (candidates.empty())
        continue;
      auto waiting = candidates;
      std::erase_if(waiting, [&](auto& who) {
        auto pass = of.passed.find(who);
        return pass != of.passed.end()
               && pass->second == clients.at(who).revivals;
      });
      if (waiting.empty()) {
        of.passed.clear();
        waiting = candidates;
      }
      auto rank = [&](const client& who) {
        return std::tuple{share_of(nullptr, who.second),
                          role_turns[who.second],
                          who.second,
                          share_of(&who, {}),
                          clients.at(who).turn,
                          who.first};
      };
      auto next = *std::min_element(waiting.begin(), waiting.end(),
                                    [&](auto& lhs, auto& rhs) {
                                      return rank(lhs) < rank(rhs);
                                    });
      auto amount = of.free();
      auto& part = of.held[next];
      if (part.offered.empty())
        part.untouched = true;
      part.offered += amount;
      clients.at(next).turn = role_turns[next.second] = ++turns;
      offers.emplace_back(next, of.id, amount);
    }
    return offers;
  }
};

} // namespace agora::test
