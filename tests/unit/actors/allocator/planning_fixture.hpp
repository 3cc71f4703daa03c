// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/allocator/allocation_planner.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace agora::test {

using namespace std::chrono_literals;

/// cpus and GiB of mem.
inline resources bundle(int64_t cpus, int64_t mem_gib = 0) {
  return resources::of_milli(cpus * 1000, mem_gib * 1024 * 1000);
}

inline resources with_ports(resources what, uint64_t first, uint64_t last) {
  what += *resources::of("ports", *ranges::from_intervals({{first, last}}));
  return what;
}

/// "f1/web:a1 cpus:4", one of each offer.
inline std::string text_of(const planned_offer& offer) {
  return offer.framework.text() + "/" + offer.role + ":" + offer.agent.text();
}

inline std::vector<std::string>
texts_of(const std::vector<planned_offer>& all) {
  std::vector<std::string> texts;
  for (auto& offer : all)
    texts.push_back(text_of(offer));
  return texts;
}

/// A planner, and short words for what the master tells it.
class planning : public ::testing::Test {
protected:
  using strings = std::vector<std::string>;

  void tell(const allocation_change& change) {
    planner_.apply(change, now_);
  }

  void attach(const std::string& agent, resources total,
              std::vector<usage> used = {}) {
    tell(agent_offerable{agent_id{agent}, "host-" + agent, std::move(total),
                         std::move(used)});
  }

  void subscribe(const std::string& framework, strings roles = {"*"},
                 strings suppressed = {}, bool keep_filters = false) {
    tell(framework_active{framework_id{framework}, std::move(roles),
                          std::move(suppressed), keep_filters});
  }

  std::vector<planned_offer> plan() {
    return planner_.plan(now_);
  }

  strings planned() {
    return texts_of(plan());
  }

  /// Returns everything of the offer.
  void decline(const planned_offer& offer,
               std::optional<std::chrono::nanoseconds> refuse_for = 5s) {
    tell(offered_returned{offer.framework, offer.role, offer.agent,
                          offer.amount, refuse_for});
  }

  /// Uses `amount` of the offer and returns the rest.
  void accept(const planned_offer& offer, const resources& amount) {
    tell(offered_used{offer.framework, offer.role, offer.agent, amount});
    auto rest = offer.amount;
    rest -= amount;
    tell(offered_returned{offer.framework, offer.role, offer.agent, rest, {}});
  }

  void release(const planned_offer& offer, const resources& amount) {
    tell(used_released{offer.framework, offer.role, offer.agent, amount});
  }

  session::FrameworkExplanation explain(const std::string& framework) {
    auto explained = planner_.explain(framework_id{framework}, now_);
    EXPECT_TRUE(explained) << framework << " is not known";
    return explained ? *explained : session::FrameworkExplanation{};
  }

  const agent_account& account(const std::string& agent) {
    auto& state = planner_.state();
    return state.agents.at(state.agent_numbers.at(agent_id{agent})).account;
  }

  allocation_planner planner_;
  allocation_planner::time_point now_ = allocation_planner::time_point{} + 1h;
};

} // namespace agora::test
