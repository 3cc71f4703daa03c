// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace agora::seeds {

/// What one run is asked.
struct seed_order {
  uint64_t seed = 0;
  /// A name of the program's; empty: chosen by the seed.
  std::string profile;
  /// Print what happens.
  bool verbose = false;
  /// An empty directory, of the whole program.
  std::filesystem::path work_dir;
};

/// What it showed.
struct seed_result {
  /// What was violated; empty if nothing was.
  std::string violation;
  /// For people who look at one seed: "profile=chaos hash=...".
  std::string line;
  /// How much was done, by name; added up over all seeds.
  std::vector<std::pair<std::string, uint64_t>> sums;
};

/// A program that runs simulations by their seeds, each in a process of its
/// own:
///
///   NAME --seeds A-B [--profile P] [--jobs N] [--verbose] [--stop-at-first]
///
/// It prints what failed, with the command that repeats it, and "N passed, M
/// failed". Its exit status is 0 if nothing failed, 1 if something did, and 2
/// for wrong usage.
struct seed_program {
  std::string name;
  std::string description;
  std::vector<std::string> profiles;
  std::function<seed_result(const seed_order&)> run;

  int main(int argc, char** argv) const;
};

} // namespace agora::seeds
