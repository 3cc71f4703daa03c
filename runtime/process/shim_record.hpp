// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/process/launcher.hpp"
#include "runtime/process/process_identity.hpp"
#include "runtime/process/shim_protocol.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace agora {

/// How far a shim had come, as its record says (see shim_protocol.hpp).
struct shim_record {
  struct failure {
    shim::start_step step = shim::start_step::none;
    int error_number = 0;
  };

  /// A launcher has given the key up before a shim took it.
  bool abandoned = false;

  /// Unset until the first line is complete.
  std::optional<process_identity> shim;
  std::optional<process_identity> task;
  std::optional<failure> failed;
  std::optional<exit_status> ended;
};

/// Reads a record, complete or not: a last line without its newline has not
/// been written yet. Fails: store_corrupt if it is no record.
result<shim_record> parse_shim_record(std::string_view text);

/// The file that holds the record of `key`.
std::filesystem::path shim_record_path(const std::filesystem::path& directory,
                                       const std::string& key);

/// Reads the record in the file `path`. Fails: not_found if there is no such
/// file; io_failed if it cannot be read; store_corrupt, too_large.
result<shim_record> read_shim_record(const std::filesystem::path& path);

/// Creates the record `path`, and its directory, with the line that keeps any
/// shim from starting the task. Fails: already_exists if there is a record now;
/// io_failed.
status abandon_shim_record(const std::filesystem::path& path);

/// What a step is called in messages to people: "enter sandbox".
std::string to_string(shim::start_step step);

} // namespace agora
