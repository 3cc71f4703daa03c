// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_messages.hpp"
#include "runtime/base/result.hpp"
#include "runtime/base/wall_clock.hpp"

#include "agora/session/tool.pb.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

namespace agora {

/// What an agent does with files, as a seam: load tests and simulations put
/// one without files in its place. All of it blocks.
class sandbox_files {
public:
  virtual ~sandbox_files() = default;

  /// Makes the sandbox, owned by its user, and copies the command's files into
  /// it, read with the rights of that user.
  /// @returns errc::not_found (user, file), errc::permission_denied,
  ///          errc::invalid_argument (not a local file, a bad output_file),
  ///          errc::too_large, errc::io_failed; each names the file.
  virtual result<sandbox_prepared> prepare(const sandbox_prepare& what) = 0;

  /// Reads a part of a file, never of one outside the sandbox.
  /// @returns errc::not_found, errc::invalid_argument (path leads out, or not a
  ///          file), errc::permission_denied, errc::io_failed.
  virtual result<session::FileChunk> read(const sandbox_read& what) = 0;

  /// Every sandbox below `root`, up to sandbox_list_limit, and how full the
  /// file system is, in bytes or in files, whichever is more.
  virtual result<sandbox_inventory> list(const std::filesystem::path& root) = 0;

  /// Nothing runs there any more: its age counts from `since` on.
  virtual status mark_idle(const std::filesystem::path& sandbox,
                           wall_time since)
    = 0;

  /// Removes a sandbox, and the directories above it that have become empty.
  virtual status remove(const std::filesystem::path& sandbox) = 0;
};

/// What one look at the sandboxes takes in at most; the next one goes on.
inline constexpr size_t sandbox_list_limit = 200'000;

/// One file that a command wants in its sandbox.
inline constexpr uint64_t copied_file_bytes = uint64_t{16} << 30;

/// Files that one command may want.
inline constexpr int copied_files_limit = 1'000;

/// Real files.
std::unique_ptr<sandbox_files> make_posix_sandbox_files();

/// None at all: prepares and removes nothing, and has nothing to read.
std::unique_ptr<sandbox_files> make_no_sandbox_files();

} // namespace agora
