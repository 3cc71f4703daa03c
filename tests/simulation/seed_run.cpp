// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/seed_run.hpp"

#include "actors/testing/world.hpp"
#include "tests/simulation/fault_injector.hpp"
#include "tests/simulation/leader_checker.hpp"
#include "tests/simulation/settling.hpp"
#include "tests/simulation/tested_cluster.hpp"

namespace agora::simulation {

namespace {

constexpr std::chrono::seconds look_interval{1};

void run(world& sim, tested_cluster& cluster, const plan& how,
         seed_outcome& outcome) {
  leader_checker leader{sim, cluster};
  fault_injector faults{sim, cluster};
  sim.on_rest([&leader] {
    leader.check();
  });
  cluster.start();
  faults.begin();
  sim.run(sim.now() + how.turbulence);
  faults.heal();
  auto limit = sim.now() + how.settle_limit;
  for (;;) {
    sim.run(sim.now() + look_interval);
    if (sim.failed())
      break;
    auto left = unsettled(cluster, leader);
    if (left.empty())
      break;
    auto hungry = starved(sim, cluster, faults.healthy_since());
    if (!hungry.empty())
      sim.violated(hungry);
    if (sim.now() >= limit)
      sim.violated("does not settle: " + left);
  }
  if (!sim.failed()) {
    leader.check_all();
    if (auto wrong = wrong_at_end(cluster, leader); !wrong.empty())
      sim.violated(wrong);
  }
  outcome.faults = faults.faults();
  sim.on_rest({});
}

} // namespace

seed_outcome run_seed(const seed_options& options) {
  random_source random{options.seed};
  auto how = make_plan(random, options.how);
  // Never destroyed: the actors of dead processes would be woken for it.
  auto& sim = *new world{random.next(), how.stall_chance};
  sim.verbose(options.verbose);
  auto& cluster = *new tested_cluster{sim, how, options.work_dir};
  seed_outcome outcome;
  run(sim, cluster, how, outcome);
  outcome.violation = sim.violation();
  outcome.how = how.how;
  outcome.hash = sim.hash();
  outcome.steps = sim.steps();
  outcome.frames = cluster.net().frames();
  outcome.entries = cluster.log().index();
  outcome.tasks = cluster.log().stories().size();
  outcome.virtual_seconds = std::chrono::duration<double>(sim.passed()).count();
  return outcome;
}

} // namespace agora::simulation
