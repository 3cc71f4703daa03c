// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace agora {

/// What a job gets of an agent. Thousandths, so that packing is exact.
struct job_size {
  int64_t cpus_milli = 100;
  int64_t mem_mib_milli = 32'000;

  friend bool operator==(const job_size&, const job_size&) = default;

  bool fits_into(const job_size& room) const {
    return cpus_milli <= room.cpus_milli && mem_mib_milli <= room.mem_mib_milli;
  }
};

/// One shell command that is to be run once with success.
struct job {
  /// For people, and for the names of output files; unique in its list.
  std::string name;
  /// Run by /bin/sh in a sandbox of its own.
  std::string command;
  job_size size;
  std::map<std::string, std::string> env;
  /// How often it is run again after it failed.
  unsigned retries = 0;
};

/// What a list may hold.
struct job_list_limits {
  size_t jobs = 100'000;
  size_t line_bytes = 256 * 1024;
  unsigned retries = 1'000;
};

/// Thousandths of `amount`.
/// @returns errc::invalid_argument, naming `what`, unless the amount is
///          positive, finite and at most a million.
result<int64_t> to_milli(double amount, std::string_view what);

/// Whether `name` can be a job's name: it also names files, so only letters,
/// digits, '.', '_' and '-', at most 100 of them, and no '.' in front.
bool is_job_name(std::string_view name);

/// Reads a list of jobs, one a line: either a shell command, or an object
/// {"name", "command", "cpus", "mem", "env", "retries"} in JSON of which only
/// the command is needed. Empty lines and those that begin with '#' count for
/// nothing. A job without a name is called after its line: "job-17".
/// @param defaults What a line does not say; its name and command are ignored.
/// @returns errc::invalid_argument or errc::too_large with the line's number
///          and what is wrong with it; an empty list is an error, too.
result<std::vector<job>> parse_jobs(std::string_view text, const job& defaults,
                                    const job_list_limits& limits = {});

} // namespace agora
