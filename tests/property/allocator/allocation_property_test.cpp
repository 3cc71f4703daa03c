// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/allocator/allocation_explainer.hpp"
#include "tests/property/allocator/reference_allocator.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace agora {
namespace {

using namespace std::chrono_literals;
using test::reference_allocator;
using client = reference_allocator::client;

/// Does the same random things to the planner and to the reference.
class twins {
public:
  explicit twins(uint32_t seed) : rng_{seed} {
    for (auto role : {"r0", "r1", "r2"}) // keeps each role alive
      subscribe(std::string{"f-"} + role, {role});
  }

  void step() {
    for (auto changes = 1 + random(4); changes > 0; --changes)
      change();
    compare_explanations();
    compare_plans();
    check_books();
  }

  const std::vector<std::string>& trace() const {
    return trace_;
  }

private:
  using offer = std::tuple<client, std::string, resources>;

  size_t random(size_t below) {
    return rng_() % below;
  }

  template <class List>
  size_t index_in(const List& list) {
    return random(list.size());
  }

  resources amount() {
    // Around the minimum, too.
    return resources::of_milli(static_cast<int64_t>(random(9)) * 5,
                               static_cast<int64_t>(random(9)) * 16'000);
  }

  /// A random part of `whole`.
  resources part_of(const resources& whole) {
    return random(3) == 0 ? whole : whole.intersected(amount());
  }

  void tell(const allocation_change& what) {
    planner_.apply(what, now_);
  }

  void change() {
    switch (random(12)) {
      case 0:
        return attach();
      case 1:
        return withdraw_or_remove();
      case 2:
        if (reference_.clients.size() > 20) // the reference is slow
          return subscribe("f-r0", {"r0"});
        return subscribe("f" + std::to_string(next_framework_++),
                         random(2) ? std::vector<std::string>{"r0"}
                                   : std::vector<std::string>{"r1", "r2"});
      case 3:
        return disturb_framework();
      case 4:
        return revive_or_suppress();
      case 5:
        now_ += std::chrono::seconds{random(4)};
        return;
      case 6:
      case 7:
        return release();
      case 8:
        return add_used();
      default:
        return settle_offer();
    }
  }

  void attach() {
    auto id = "a" + std::to_string(random(2) ? random(8) : next_agent_++);
    auto known = reference_.find(id);
    if (known && known->attached)
      return;
    if (!known) {
      reference_.agents.push_back({});
      known = &reference_.agents.back();
      known->id = id;
    }
    known->attached = true;
    known->passed.clear();
    agent_offerable message{agent_id{id}, "host", {}, {}};
    known->total = amount();
    for (auto& [who, part] : known->held) {
      known->total += part.used;
      message.used.push_back({framework_id{who.first}, who.second, part.used});
    }
    message.total = known->total;
    tell(message);
  }

  void vanish_offers(const std::function<bool(const offer&)>& which) {
    std::erase_if(offers_, which);
  }

  void withdraw_or_remove() {
    if (reference_.agents.empty())
      return;
    auto& agent = reference_.agents[index_in(reference_.agents)];
    auto id = agent.id;
    vanish_offers([&](auto& o) {
      return std::get<1>(o) == id;
    });
    if (random(3) == 0) {
      tell(agent_removed{agent_id{id}});
      std::erase_if(reference_.filters, [&](auto& f) {
        return f.agent == id;
      });
      std::erase_if(reference_.agents, [&](auto& a) {
        return a.id == id;
      });
      return;
    }
    tell(agent_withdrawn{agent_id{id}});
    agent.attached = false;
    for (auto& [who, part] : agent.held)
      part.offered = {};
    tidy(agent);
  }

  static void tidy(reference_allocator::agent& agent) {
    std::erase_if(agent.held, [](auto& entry) {
      return entry.second.offered.empty() && entry.second.used.empty();
    });
  }

  void subscribe(const std::string& id, std::vector<std::string> roles) {
    framework_active message{framework_id{id}, roles, {}, random(2) == 0};
    for (auto& role : roles) {
      client who{id, role};
      auto& it = reference_.clients[who];
      it.connected = true;
      it.suppressed = random(4) == 0;
      if (it.suppressed)
        message.suppressed_roles.push_back(role);
      if (!message.keep_filters)
        forget_refusals(who);
    }
    tell(message);
  }

  void forget_refusals(const client& who) {
    ++reference_.clients.at(who).revivals;
    reference_.drop_filters(who);
  }

  std::string some_framework() {
    auto who = reference_.clients.begin();
    std::advance(who, static_cast<long>(index_in(reference_.clients)));
    return who->first.first;
  }

  std::vector<client> clients_of(const std::string& framework) {
    std::vector<client> found;
    for (auto& [who, it] : reference_.clients)
      if (who.first == framework)
        found.push_back(who);
    return found;
  }

  void disturb_framework() {
    auto id = some_framework();
    if (random(3) != 0) {
      for (auto& who : clients_of(id))
        reference_.clients.at(who).connected = false;
      tell(framework_inactive{framework_id{id}});
      return;
    }
    if (id.starts_with("f-"))
      return;
    vanish_offers([&](auto& o) {
      return std::get<0>(o).first == id;
    });
    for (auto& who : clients_of(id)) {
      reference_.drop_filters(who);
      reference_.clients.erase(who);
    }
    for (auto& agent : reference_.agents) {
      for (auto& [who, part] : agent.held)
        if (who.first == id)
          part.offered = {};
      tidy(agent);
    }
    tell(framework_removed{framework_id{id}});
  }

  void revive_or_suppress() {
    auto id = some_framework();
    auto suppress = random(2) == 0;
    for (auto& who : clients_of(id)) {
      reference_.clients.at(who).suppressed = suppress;
      if (!suppress)
        forget_refusals(who);
    }
    if (suppress)
      tell(roles_suppressed{framework_id{id}, {}});
    else
      tell(roles_revived{framework_id{id}, {}});
  }

  void release() {
    if (reference_.agents.empty())
      return;
    auto& agent = reference_.agents[index_in(reference_.agents)];
    if (agent.held.empty())
      return;
    auto entry = agent.held.begin();
    std::advance(entry, static_cast<long>(index_in(agent.held)));
    auto who = entry->first;
    auto amount = part_of(entry->second.used);
    entry->second.used -= amount;
    tidy(agent);
    tell(used_released{framework_id{who.first}, who.second, agent_id{agent.id},
                       amount});
  }

  void add_used() {
    if (reference_.agents.empty())
      return;
    auto& agent = reference_.agents[index_in(reference_.agents)];
    auto amount = part_of(agent.free());
    auto who = clients_of(some_framework()).front();
    if (amount.empty())
      return;
    agent.held[who].used += amount;
    tell(used_added{framework_id{who.first}, who.second, agent_id{agent.id},
                    amount});
  }

  void settle_offer() {
    if (offers_.empty())
      return;
    auto position = index_in(offers_);
    auto [who, id, whole] = offers_[position];
    offers_.erase(offers_.begin() + static_cast<long>(position));
    auto& agent = *reference_.find(id);
    auto& part = agent.held.at(who);
    auto used = random(2) == 0 ? resources{} : part_of(whole);
    framework_id framework{who.first};
    if (!used.empty()) {
      tell(offered_used{framework, who.second, agent_id{id}, used});
      part.untouched = false;
      part.offered -= used;
      part.used += used;
      agent.passed.clear();
    }
    auto rest = whole;
    rest -= used;
    std::optional<std::chrono::nanoseconds> refuse;
    if (random(3) != 0)
      refuse = std::chrono::seconds{random(20)};
    if (rest.empty())
      return;
    tell(offered_returned{framework, who.second, agent_id{id}, rest, refuse});
    part.offered -= rest;
    if (part.offered.empty() && part.untouched)
      agent.passed[who] = reference_.clients.at(who).revivals;
    if (refuse)
      reference_.filters.push_back(
        {who, id, rest,
         now_ + std::max<std::chrono::nanoseconds>(*refuse, 1s)});
    tidy(agent);
  }

  /// explain says "offerable" if and only if the reference does.
  void compare_explanations() {
    std::map<std::string, std::set<std::string>> expected;
    auto clean = reference_;
    std::erase_if(clean.filters, [&](auto& f) {
      return f.end <= now_;
    });
    for (auto& agent : clean.agents)
      for (auto& who : clean.able(agent))
        expected[who.first].insert(agent.id);
    for (auto& [who, it] : reference_.clients) {
      std::set<std::string> offerable;
      auto explained = planner_.explain(framework_id{who.first}, now_);
      ASSERT_TRUE(explained);
      for (auto& agent : explained->agents())
        if (agent.verdict() == verdict::offerable)
          offerable.insert(agent.agent_id().value());
      ASSERT_EQ(offerable, expected[who.first]) << who.first;
    }
  }

  void compare_plans() {
    auto expected = reference_.plan(now_);
    auto planned = planner_.plan(now_);
    std::vector<offer> actual;
    for (auto& o : planned) {
      actual.emplace_back(client{o.framework.text(), o.role}, o.agent.text(),
                          o.amount);
      trace_.push_back(o.framework.text() + o.role + o.agent.text());
    }
    ASSERT_EQ(actual, expected);
    offers_.insert(offers_.end(), actual.begin(), actual.end());
    for (auto& agent : reference_.agents)
      ASSERT_TRUE(reference_.able(agent).empty()) << "a plan left something";
  }

  /// Nothing is given twice and nothing is lost.
  void check_books() {
    auto& state = planner_.state();
    ASSERT_EQ(state.agents.size(), reference_.agents.size());
    for (auto& [number, agent] : state.agents) {
      auto sum = agent.account.free();
      for (auto& [who, held] : agent.account.holdings()) {
        sum += held.offered;
        sum += held.used;
      }
      ASSERT_EQ(sum, agent.account.total()) << agent.id.text();
      ASSERT_EQ(agent.account.free(), reference_.find(agent.id.text())->free());
      ASSERT_EQ(state.offerable.count(number) != 0, agent.account.offerable());
    }
    ASSERT_TRUE(state.changed_agents.empty() && state.changed_clients.empty());
  }

  std::mt19937 rng_;
  allocation_planner planner_;
  reference_allocator reference_;
  std::vector<offer> offers_;
  std::vector<std::string> trace_;
  allocation_planner::time_point now_{1h};
  size_t next_agent_ = 8;
  size_t next_framework_ = 0;
};

TEST(AllocationProperty, PlansAreThoseOfTheSlowReference) {
  size_t offers = 0;
  for (uint32_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    twins both{seed};
    for (int i = 0; i < 80 && !testing::Test::HasFatalFailure(); ++i)
      both.step();
    ASSERT_FALSE(testing::Test::HasFatalFailure());
    offers += both.trace().size();
  }
  EXPECT_GT(offers, 1000u) << "the test does nothing";
}

TEST(AllocationProperty, TheSameChangesGiveTheSamePlans) {
  for (uint32_t seed = 100; seed < 105; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    twins one{seed};
    twins two{seed};
    for (int i = 0; i < 60; ++i) {
      one.step();
      two.step();
    }
    EXPECT_EQ(one.trace(), two.trace());
  }
}

planned_offer take_random(std::vector<planned_offer>& offers,
                          std::mt19937& rng) {
  std::swap(offers[rng() % offers.size()], offers.back());
  auto taken = offers.back();
  offers.pop_back();
  return taken;
}

// Identical frameworks that use a task's worth of each offer and want more:
// when the cluster is full, no one has two tasks more than another.
TEST(AllocationProperty, IdenticalFrameworksEndWithinOneTask) {
  auto task = resources::of_milli(1000, 1'024'000);
  for (uint32_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 rng{seed};
    allocation_planner planner;
    allocation_planner::time_point now{1h};
    auto frameworks = 1 + rng() % 9;
    for (size_t i = 0; i < frameworks; ++i)
      planner.apply(
        framework_active{
          framework_id{"f" + std::to_string(i)}, {"*"}, {}, false},
        now);
    std::map<std::string, int> tasks;
    std::vector<planned_offer> offers;
    auto agents = 1 + rng() % 12;
    for (size_t i = 0; i < agents; ++i) {
      auto size = static_cast<int64_t>(1 + rng() % 8);
      planner.apply(
        agent_offerable{agent_id{"a" + std::to_string(i)},
                        "host",
                        resources::of_milli(size * 1000, size * 1'024'000),
                        {}},
        now);
    }
    for (;;) {
      for (auto& offer : planner.plan(now))
        offers.push_back(std::move(offer));
      if (offers.empty())
        break;
      auto offer = take_random(offers, rng);
      planner.apply(
        offered_used{offer.framework, offer.role, offer.agent, task}, now);
      ++tasks[offer.framework.text()];
      auto rest = offer.amount;
      rest -= task;
      planner.apply(
        offered_returned{offer.framework, offer.role, offer.agent, rest, {}},
        now);
    }
    auto [least, most] = std::minmax_element(tasks.begin(), tasks.end(),
                                             [](auto& lhs, auto& rhs) {
                                               return lhs.second < rhs.second;
                                             });
    auto fewest = tasks.size() < frameworks ? 0 : least->second;
    EXPECT_LE(most->second - fewest, 1);
  }
}

// Frameworks of all shares that let every offer go by without a filter: each
// is offered each agent once in every round.
TEST(AllocationProperty, NobodyStarves) {
  for (uint32_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 rng{seed};
    allocation_planner planner;
    allocation_planner::time_point now{1h};
    auto frameworks = 1 + rng() % 40;
    auto agents = 1 + rng() % 5;
    for (size_t i = 0; i < frameworks; ++i) {
      framework_id id{"f" + std::to_string(i)};
      auto role = "r" + std::to_string(rng() % 4);
      planner.apply(framework_active{id, {role}, {}, false}, now);
      auto full = resources::of_milli(static_cast<int64_t>(rng() % 8) * 1000);
      planner.apply(
        agent_offerable{
          agent_id{"full" + std::to_string(i)}, "h", full, {{id, role, full}}},
        now);
    }
    for (size_t i = 0; i < agents; ++i)
      planner.apply(agent_offerable{agent_id{"a" + std::to_string(i)},
                                    "host",
                                    resources::of_milli(4000, 4'096'000),
                                    {}},
                    now);
    std::map<std::string, std::vector<std::string>> offered;
    std::vector<planned_offer> offers;
    for (size_t turn = 0; turn < 4 * frameworks * agents; ++turn) {
      for (auto& offer : planner.plan(now)) {
        offered[offer.agent.text()].push_back(offer.framework.text());
        offers.push_back(std::move(offer));
      }
      ASSERT_EQ(offers.size(), agents);
      auto offer = take_random(offers, rng);
      planner.apply(offered_returned{offer.framework, offer.role, offer.agent,
                                     offer.amount, std::nullopt},
                    now);
    }
    for (auto& [agent, turns] : offered)
      for (size_t begin = 0; begin + frameworks <= turns.size();
           begin += frameworks) {
        auto first = turns.begin() + static_cast<long>(begin);
        std::set<std::string> round(first,
                                    first + static_cast<long>(frameworks));
        ASSERT_EQ(round.size(), frameworks) << agent << " from " << begin;
      }
  }
}

} // namespace
} // namespace agora
