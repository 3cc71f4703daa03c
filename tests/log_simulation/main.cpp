// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// log_simulation --seeds A-B [--profile P] [--jobs N] [--verbose]
//
// Runs the members of a replicated log; see README.md.

#include "tests/log_simulation/log_run.hpp"
#include "tests/seeds/seed_program.hpp"

namespace agora::log_simulation {

namespace {

seeds::seed_result run_one(const seeds::seed_order& order) {
  auto outcome
    = run_seed(order.seed, parse_profile(order.profile), order.verbose);
  return {outcome.violation,
          "profile=" + std::string{to_string(outcome.how)}
            + " steps=" + std::to_string(outcome.steps)
            + " faults=" + std::to_string(outcome.faults)
            + " entries=" + std::to_string(outcome.entries)
            + " answers=" + std::to_string(outcome.answers),
          {{"steps", outcome.steps},
           {"faults", outcome.faults},
           {"entries", outcome.entries},
           {"answers", outcome.answers}}};
}

} // namespace

} // namespace agora::log_simulation

int main(int argc, char** argv) {
  return agora::seeds::seed_program{
    "log_simulation",
    "Runs the members of a replicated log on virtual time, with faults, and "
    "checks what Raft promises.",
    {"calm", "network", "partitions", "crashes", "members", "chaos"},
    agora::log_simulation::run_one}
    .main(argc, argv);
}
