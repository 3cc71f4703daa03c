// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include <string>

namespace agora {

/// Where a program's log goes. A line is `time level phrase key=value ...`,
/// with the time in UTC.
struct log_output {
  /// error, warn, info or debug.
  std::string level = "info";

  /// A file to append to; empty for standard error.
  std::string file;
};

/// Makes spdlog's default logger write as `settings` say. Fails:
/// errc::invalid_config for an unknown level, errc::io_failed for a file that
/// cannot be written; the text names it.
status set_up_log(const log_output& settings);

} // namespace agora
