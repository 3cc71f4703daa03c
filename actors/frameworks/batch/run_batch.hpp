// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/frameworks/batch/job.hpp"
#include "runtime/messaging/address.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace agora {

/// A list of jobs, to be run to its end.
struct batch_options {
  std::vector<node_address> masters;

  std::vector<job> jobs;

  /// Jobs that are active at once; 0 means as many as the offers hold.
  size_t parallelism = 0;

  /// What jobs write goes to NAME.out and NAME.err in this folder, which is
  /// made if need be. If empty: to stdout and stderr, job by job, when each
  /// has ended, up to output_bytes of each.
  std::string output_folder;
  size_t output_bytes = size_t{1} << 20;

  /// Prints a summary in JSON on stdout at the end, and no output of jobs
  /// (unless into a folder).
  bool json = false;

  /// Prints failures only.
  bool quiet = false;
};

/// Reads a whole file, or stdin for "-".
/// @returns errc::not_found, errc::io_failed or errc::too_large (64 MiB), with
///          the path.
result<std::string> read_job_file(const std::string& path);

/// Runs a batch as a framework in this process. SIGINT and SIGTERM end what
/// runs, and report; the second one ends the framework at once.
/// @returns 0 if every job finished; 1 if one failed or the framework did;
///          128 + signal if interrupted.
int run_batch(batch_options options);

} // namespace agora
