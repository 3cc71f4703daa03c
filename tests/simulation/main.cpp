// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// cluster_simulation --seeds A-B [--profile P] [--jobs N] [--verbose]
//
// Runs whole simulated clusters; see README.md.

#include "runtime/node/command_line.hpp"
#include "tests/simulation/seed_processes.hpp"
#include "tests/simulation/seed_run.hpp"
#include "tests/support/scratch_directory.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace agora::simulation {

namespace {

/// For one seed, of real time.
constexpr unsigned seed_limit_seconds = 300;

struct program_options {
  std::string seeds = "1-100";
  std::string profile;
  std::string log_level = "off";
  uint64_t jobs = 0;
  bool verbose = false;
  bool stop_at_first = false;
};

std::optional<uint64_t> parse_number(std::string_view text) {
  uint64_t value = 0;
  auto [end, bad] = std::from_chars(text.begin(), text.end(), value);
  if (bad != std::errc{} || end != text.end())
    return std::nullopt;
  return value;
}

/// "7" or "1-100".
std::optional<std::pair<uint64_t, uint64_t>>
parse_range(std::string_view text) {
  auto dash = text.find('-');
  auto first = parse_number(text.substr(0, dash));
  auto last = dash == std::string_view::npos
                ? first
                : parse_number(text.substr(dash + 1));
  if (!first || !last || *last < *first)
    return std::nullopt;
  return std::pair{*first, *last};
}

/// One line for the parent process: numbers, then the violation.
std::string to_line(const seed_outcome& outcome) {
  std::ostringstream out;
  out << static_cast<int>(outcome.how) << ' ' << outcome.hash << ' '
      << outcome.steps << ' ' << outcome.frames << ' ' << outcome.entries << ' '
      << outcome.tasks << ' ' << outcome.faults << ' '
      << outcome.virtual_seconds << '\n'
      << outcome.violation;
  return out.str();
}

std::optional<seed_outcome> from_line(const std::string& text) {
  std::istringstream in{text};
  seed_outcome outcome;
  auto how = 0;
  if (!(in >> how >> outcome.hash >> outcome.steps >> outcome.frames
        >> outcome.entries >> outcome.tasks >> outcome.faults
        >> outcome.virtual_seconds))
    return std::nullopt;
  outcome.how = static_cast<profile>(how);
  in.ignore();
  std::getline(in, outcome.violation, '\0');
  return outcome;
}

struct totals {
  size_t passed = 0;
  size_t failed = 0;
  uint64_t steps = 0;
  uint64_t faults = 0;
  uint64_t tasks = 0;
  double virtual_seconds = 0;
};

std::string why_it_died(const seed_report& report) {
  auto text
    = report.signal == SIGALRM
        ? "it took more than " + std::to_string(seed_limit_seconds) + " s"
        : "the process was ended by signal " + std::to_string(report.signal);
  return report.errors.empty() ? text : text + ": " + report.errors;
}

void report_failure(const program_options& options, uint64_t seed,
                    const std::string& why) {
  std::printf("seed %llu FAILED: %s\n  replay: cluster_simulation --seeds "
              "%llu%s%s --verbose\n",
              static_cast<unsigned long long>(seed), why.c_str(),
              static_cast<unsigned long long>(seed),
              options.profile.empty() ? "" : " --profile ",
              options.profile.c_str());
  std::fflush(stdout);
}

void take_report(const program_options& options, const seed_report& report,
                 totals& sum) {
  auto outcome = from_line(report.text);
  if (!outcome || report.signal != 0) {
    ++sum.failed;
    return report_failure(options, report.seed, why_it_died(report));
  }
  sum.steps += outcome->steps;
  sum.faults += outcome->faults;
  sum.tasks += outcome->tasks;
  sum.virtual_seconds += outcome->virtual_seconds;
  if (options.verbose) {
    std::printf("seed %llu profile=%s hash=%016llx steps=%llu frames=%llu "
                "entries=%llu tasks=%llu faults=%llu virtual=%.1fs\n",
                static_cast<unsigned long long>(report.seed),
                std::string{to_string(outcome->how)}.c_str(),
                static_cast<unsigned long long>(outcome->hash),
                static_cast<unsigned long long>(outcome->steps),
                static_cast<unsigned long long>(outcome->frames),
                static_cast<unsigned long long>(outcome->entries),
                static_cast<unsigned long long>(outcome->tasks),
                static_cast<unsigned long long>(outcome->faults),
                outcome->virtual_seconds);
  }
  if (outcome->violation.empty()) {
    ++sum.passed;
    return;
  }
  ++sum.failed;
  report_failure(options, report.seed, outcome->violation);
}

int run(const program_options& options) {
  auto range = parse_range(options.seeds);
  auto how
    = options.profile.empty() ? std::nullopt : parse_profile(options.profile);
  if (!range || (!how && !options.profile.empty())) {
    std::fputs("error: --seeds takes A-B, --profile calm, faults or chaos\n",
               stderr);
    return exit_usage;
  }
  spdlog::set_level(spdlog::level::from_str(options.log_level));
  scratch_directory scratch;
  auto work = [&](uint64_t seed) {
    seed_options one;
    one.seed = seed;
    one.how = how;
    one.verbose = options.verbose;
    one.work_dir = scratch.path();
    return to_line(run_seed(one));
  };
  auto jobs = options.jobs > 0 ? options.jobs
              : options.verbose
                ? 1
                : std::max(1u, std::thread::hardware_concurrency());
  totals sum;
  auto began = std::chrono::steady_clock::now();
  run_processes(range->first, range->second, jobs, seed_limit_seconds,
                options.log_level == "off", work,
                [&](const seed_report& report) {
                  take_report(options, report, sum);
                  return sum.failed == 0 || !options.stop_at_first;
                });
  auto took
    = std::chrono::duration<double>(std::chrono::steady_clock::now() - began);
  std::printf("%llu steps, %llu faults, %llu tasks, %.0f virtual seconds in "
              "%.1f s\n%zu passed, %zu failed\n",
              static_cast<unsigned long long>(sum.steps),
              static_cast<unsigned long long>(sum.faults),
              static_cast<unsigned long long>(sum.tasks), sum.virtual_seconds,
              took.count(), sum.passed, sum.failed);
  return sum.failed > 0 ? 1 : 0;
}

} // namespace

} // namespace agora::simulation

int main(int argc, char** argv) {
  agora::simulation::program_options options;
  agora::command_line line{
    "cluster_simulation",
    "Runs whole clusters on virtual time, with faults, and checks them."};
  line.flags_only();
  line.option("--seeds", options.seeds, "which runs: A-B, or one number");
  line.option("--profile", options.profile,
              "calm, faults or chaos; empty: chosen by each seed");
  line.option("--jobs", options.jobs,
              "processes at once; 0: one for each core");
  line.flag("--verbose", options.verbose, "print what happens in each run");
  line.flag("--stop-at-first", options.stop_at_first,
            "begin no further runs when one has failed");
  line.option("--log-level", options.log_level,
              "of the simulated nodes' own logs, on standard error");
  line.on_run([&] {
    return agora::simulation::run(options);
  });
  return line.run(argc, argv);
}
