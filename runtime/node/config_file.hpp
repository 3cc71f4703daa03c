// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace agora {

/// One line of a configuration file.
struct config_line {
  size_t line = 0;
  std::string name;
  std::string value;
};

/// A configuration file is text, and small.
inline constexpr size_t config_file_bytes_limit = 1024 * 1024;

/// Reads lines of the form `name = value`. A line that is empty or begins with
/// # or ; is skipped; a value may stand in double quotes, to keep spaces at its
/// ends, and means itself in everything else, commas and # included. CLI11's
/// own reader is not used: it tells no line numbers, and drops short lines
/// silently.
///
/// @param origin Names the text in errors: "ORIGIN:LINE: ...".
/// @returns errc::invalid_config for a line of another form.
result<std::vector<config_line>> parse_config(std::string_view text,
                                              const std::string& origin);

/// Reads the file `path`. Fails besides: errc::invalid_config if it cannot be
/// read or is larger than config_file_bytes_limit.
result<std::vector<config_line>> read_config_file(const std::string& path);

} // namespace agora
