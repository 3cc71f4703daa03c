// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/seeds/seed_program.hpp"

#include "runtime/node/command_line.hpp"
#include "tests/seeds/seed_processes.hpp"
#include "tests/support/scratch_directory.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <optional>
#include <sstream>
#include <string_view>
#include <thread>

namespace agora::seeds {

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

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (auto& name : names)
    text += (text.empty() ? "" : ", ") + name;
  return text;
}

/// What goes to the parent process: three lines, of which the last has no end.
std::string to_lines(const seed_result& result) {
  std::ostringstream out;
  for (auto& [name, value] : result.sums)
    out << name << '=' << value << ' ';
  out << '\n' << result.line << '\n' << result.violation;
  return out.str();
}

std::optional<seed_result> from_lines(const std::string& text) {
  std::istringstream in{text};
  std::string sums;
  seed_result result;
  if (!std::getline(in, sums) || !std::getline(in, result.line))
    return std::nullopt;
  std::getline(in, result.violation, '\0');
  std::istringstream words{sums};
  for (std::string word; words >> word;) {
    auto equals = word.find('=');
    auto value = parse_number(std::string_view{word}.substr(equals + 1));
    if (equals == std::string::npos || !value)
      return std::nullopt;
    result.sums.emplace_back(word.substr(0, equals), *value);
  }
  return result;
}

std::string why_it_died(const seed_report& report) {
  auto text
    = report.signal == SIGALRM
        ? "it took more than " + std::to_string(seed_limit_seconds) + " s"
        : "the process was ended by signal " + std::to_string(report.signal);
  return report.errors.empty() ? text : text + ": " + report.errors;
}

/// Collects what the seeds showed.
class tally {
public:
  tally(const seed_program& program, const program_options& options)
    : program_(program), options_(options) {
    // nop
  }

  void take(const seed_report& report) {
    auto result = from_lines(report.text);
    if (!result || report.signal != 0)
      return failed(report.seed, why_it_died(report));
    for (auto& [name, value] : result->sums)
      add(name, value);
    if (options_.verbose)
      std::printf("seed %llu %s\n",
                  static_cast<unsigned long long>(report.seed),
                  result->line.c_str());
    if (!result->violation.empty())
      return failed(report.seed, result->violation);
    ++passed_;
  }

  size_t failures() const noexcept {
    return failed_;
  }

  void print(double seconds) const {
    std::string text;
    for (auto& [name, value] : sums_)
      text += (text.empty() ? "" : ", ") + std::to_string(value) + " " + name;
    std::printf("%s in %.1f s\n%zu passed, %zu failed\n", text.c_str(), seconds,
                passed_, failed_);
  }

private:
  void add(const std::string& name, uint64_t value) {
    auto known = std::find_if(sums_.begin(), sums_.end(), [&](auto& sum) {
      return sum.first == name;
    });
    if (known == sums_.end())
      sums_.emplace_back(name, value);
    else
      known->second += value;
  }

  void failed(uint64_t seed, const std::string& why) {
    ++failed_;
    auto number = static_cast<unsigned long long>(seed);
    std::printf("seed %llu FAILED: %s\n  replay: %s --seeds %llu%s%s "
                "--verbose\n",
                number, why.c_str(), program_.name.c_str(), number,
                options_.profile.empty() ? "" : " --profile ",
                options_.profile.c_str());
    std::fflush(stdout);
  }

  const seed_program& program_;
  const program_options& options_;
  std::vector<std::pair<std::string, uint64_t>> sums_;
  size_t passed_ = 0;
  size_t failed_ = 0;
};

uint64_t jobs_at_once(const program_options& options) {
  if (options.jobs > 0)
    return options.jobs;
  return options.verbose ? 1
                         : std::max(1u, std::thread::hardware_concurrency());
}

int run_all(const seed_program& program, const program_options& options) {
  auto range = parse_range(options.seeds);
  auto& names = program.profiles;
  auto is_known
    = options.profile.empty()
      || std::find(names.begin(), names.end(), options.profile) != names.end();
  if (!range || !is_known) {
    std::fprintf(stderr, "error: --seeds takes A-B, --profile one of %s\n",
                 joined(names).c_str());
    return exit_usage;
  }
  spdlog::set_level(spdlog::level::from_str(options.log_level));
  scratch_directory scratch;
  auto work = [&](uint64_t seed) {
    return to_lines(
      program.run({seed, options.profile, options.verbose, scratch.path()}));
  };
  tally sum{program, options};
  auto began = std::chrono::steady_clock::now();
  run_processes(range->first, range->second, jobs_at_once(options),
                seed_limit_seconds, options.log_level == "off", work,
                [&](const seed_report& report) {
                  sum.take(report);
                  return sum.failures() == 0 || !options.stop_at_first;
                });
  auto took
    = std::chrono::duration<double>(std::chrono::steady_clock::now() - began);
  sum.print(took.count());
  return sum.failures() > 0 ? 1 : 0;
}

} // namespace

int seed_program::main(int argc, char** argv) const {
  program_options options;
  command_line line{name, description};
  line.flags_only();
  line.option("--seeds", options.seeds, "which runs: A-B, or one number");
  line.option("--profile", options.profile,
              joined(profiles) + "; empty: chosen by each seed");
  line.option("--jobs", options.jobs,
              "processes at once; 0: one for each core");
  line.flag("--verbose", options.verbose, "print what happens in each run");
  line.flag("--stop-at-first", options.stop_at_first,
            "begin no further runs when one has failed");
  line.option("--log-level", options.log_level,
              "of the simulated nodes' own logs, on standard error");
  line.on_run([&] {
    return run_all(*this, options);
  });
  return line.run(argc, argv);
}

} // namespace agora::seeds
