// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace agora::seeds {

/// What became of the process of one seed.
struct seed_report {
  uint64_t seed = 0;
  /// What it wrote to the descriptor that it was given.
  std::string text;
  /// What it wrote to standard error.
  std::string errors;
  /// 0 if it ended in order; else the signal that ended it, or -1.
  int signal = 0;
};

/// Runs `work` for each seed from `first` to `last` in a process of its own, so
/// that one that aborts is one that fails, `jobs` of them at once, and `done`
/// with what each has written, in the order in which they end. Begins no more
/// of them when that says false.
/// @param limit_seconds For one seed; it gets SIGALRM then.
/// @param keep_errors What they write to standard error goes into the report,
///        as far as a pipe holds it.
void run_processes(uint64_t first, uint64_t last, size_t jobs,
                   unsigned limit_seconds, bool keep_errors,
                   const std::function<std::string(uint64_t)>& work,
                   const std::function<bool(const seed_report&)>& done);

} // namespace agora::seeds
