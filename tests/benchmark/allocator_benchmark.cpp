// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// The allocator's decisions: one event of a cluster at work, and the first
// plan of a cluster whose agents all come at once, as after a takeover.
#include "actors/allocator/allocation_planner.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <deque>
#include <string>
#include <vector>

namespace agora {
namespace {

using namespace std::chrono_literals;

const allocation_planner::time_point start{1h};

resources whole_agent() {
  return resources::of_milli(32'000, 64'000'000, 100'000'000);
}

agent_offerable agent(int64_t number) {
  auto id = std::to_string(number);
  return {agent_id{"agent-" + id}, "host-" + id, whole_agent(), {}, 1};
}

/// Frameworks share ten roles, as teams do.
framework_active framework(int64_t number) {
  return {framework_id{"framework-" + std::to_string(number)},
          {"role-" + std::to_string(number % 10)},
          {},
          false};
}

allocation_planner cluster(int64_t agents, int64_t frameworks) {
  allocation_planner planner;
  for (int64_t i = 0; i < frameworks; ++i)
    planner.apply(framework(i), start);
  for (int64_t i = 0; i < agents; ++i)
    planner.apply(agent(i), start);
  return planner;
}

// Agents and frameworks are known; none has been offered yet.
void full_cycle(benchmark::State& state) {
  size_t offers = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto planner = cluster(state.range(0), state.range(1));
    state.ResumeTiming();
    offers += planner.plan(start).size();
  }
  state.counters["offers"] = benchmark::Counter(
    static_cast<double>(offers), benchmark::Counter::kAvgIterations);
}
BENCHMARK(full_cycle)
  ->ArgNames({"agents", "frameworks"})
  ->Args({10'000, 10})
  ->Args({10'000, 200})
  ->Args({10'000, 1'000})
  ->Args({20'000, 2'000})
  ->Unit(benchmark::kMillisecond);

/// A cluster in which everything is on offer, and what happens to the offers,
/// one after the other.
template <class Answer>
void answer_offers(benchmark::State& state, Answer answer) {
  auto planner = cluster(state.range(0), state.range(1));
  auto now = start;
  std::deque<planned_offer> offers;
  auto plan = [&] {
    for (auto& offer : planner.plan(now))
      offers.push_back(std::move(offer));
  };
  plan();
  for (auto _ : state) {
    now += 1us;
    if (offers.empty()) {
      now = *planner.next_deadline();
      plan();
    }
    auto offer = std::move(offers.front());
    offers.pop_front();
    answer(planner, offer, now);
    plan();
  }
}

// Half an offer is used by a task, the rest is offered again; then the task
// ends, and its half is offered, too.
void accept_and_end(benchmark::State& state) {
  auto half = resources::of_milli(16'000, 32'000'000, 50'000'000);
  answer_offers(state, [&](allocation_planner& planner,
                           const planned_offer& offer,
                           allocation_planner::time_point now) {
    auto rest = offer.amount;
    rest -= half;
    planner.apply(offered_used{offer.framework, offer.role, offer.agent, half},
                  now);
    planner.apply(
      offered_returned{offer.framework, offer.role, offer.agent, rest, {}},
      now);
    for (auto& other : planner.plan(now))
      planner.apply(
        offered_returned{
          other.framework, other.role, other.agent, other.amount, {}},
        now);
    planner.apply(used_released{offer.framework, offer.role, offer.agent, half},
                  now);
  });
}
BENCHMARK(accept_and_end)
  ->ArgNames({"agents", "frameworks"})
  ->Args({100, 10})
  ->Args({10'000, 1'000});

// A filter keeps the agent from the framework that declined: another gets it.
void decline(benchmark::State& state) {
  answer_offers(state, [](allocation_planner& planner,
                          const planned_offer& offer,
                          allocation_planner::time_point now) {
    planner.apply(offered_returned{offer.framework, offer.role, offer.agent,
                                   offer.amount, 1ms},
                  now);
  });
}
BENCHMARK(decline)
  ->ArgNames({"agents", "frameworks"})
  ->Args({100, 10})
  ->Args({10'000, 1'000});

} // namespace
} // namespace agora
