// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include "agora/v1/commands.pb.h"

#include <filesystem>
#include <string>
#include <vector>

namespace agora {

/// One file to bring into a sandbox.
struct file_copy {
  /// Absolute.
  std::filesystem::path from;
  /// Relative to the sandbox.
  std::filesystem::path to;
  bool executable = false;
};

/// How a command's files get into its sandbox.
struct file_plan {
  std::vector<file_copy> copies;
  /// For /bin/sh in the sandbox, after the copies.
  std::vector<std::string> unpack_commands;
};

/// Plans what `command.uris` ask for: paths and file: URIs, whose archives
/// (.tar, .tar.gz, .tgz, .tar.bz2, .tbz2, .tar.xz, .txz, .gz, .zip) are
/// unpacked unless `extract` is false or `executable` is true.
/// @returns errc::invalid_argument naming the URI, errc::too_large.
result<file_plan> plan_command_files(const v1::CommandInfo& command);

} // namespace agora
