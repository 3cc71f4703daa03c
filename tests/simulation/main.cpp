// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// cluster_simulation --seeds A-B [--profile P] [--jobs N] [--verbose]
//
// Runs whole simulated clusters; see README.md.

#include "tests/seeds/seed_program.hpp"
#include "tests/simulation/seed_run.hpp"

#include <array>
#include <cstdio>

namespace agora::simulation {

namespace {

std::string line_of(const seed_outcome& outcome) {
  std::array<char, 256> text{};
  std::snprintf(text.data(), text.size(),
                "profile=%s hash=%016llx steps=%llu frames=%llu entries=%llu "
                "tasks=%llu faults=%llu virtual=%.1fs",
                std::string{to_string(outcome.how)}.c_str(),
                static_cast<unsigned long long>(outcome.hash),
                static_cast<unsigned long long>(outcome.steps),
                static_cast<unsigned long long>(outcome.frames),
                static_cast<unsigned long long>(outcome.entries),
                static_cast<unsigned long long>(outcome.tasks),
                static_cast<unsigned long long>(outcome.faults),
                outcome.virtual_seconds);
  return text.data();
}

seeds::seed_result run_one(const seeds::seed_order& order) {
  seed_options options;
  options.seed = order.seed;
  options.how = parse_profile(order.profile);
  options.verbose = order.verbose;
  options.work_dir = order.work_dir;
  auto outcome = run_seed(options);
  return {
    outcome.violation,
    line_of(outcome),
    {{"steps", outcome.steps},
     {"faults", outcome.faults},
     {"tasks", outcome.tasks},
     {"virtual-seconds", static_cast<uint64_t>(outcome.virtual_seconds)}}};
}

} // namespace

} // namespace agora::simulation

int main(int argc, char** argv) {
  return agora::seeds::seed_program{
    "cluster_simulation",
    "Runs whole clusters on virtual time, with faults, and checks them.",
    {"calm", "faults", "chaos"},
    agora::simulation::run_one}
    .main(argc, argv);
}
