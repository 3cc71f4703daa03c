// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

// Where an agent's files are:
//   <work>/sandboxes/<agent>/<framework>/<task or executor>/<container>/
//   <work>/run/          the shims' records

namespace agora {

/// The longest name of a directory that path_element makes.
inline constexpr size_t path_element_bytes = 200;

/// How many directories lie between the root and a sandbox.
inline constexpr int sandbox_depth = 4;

std::filesystem::path sandbox_root(const std::filesystem::path& work_dir);

std::filesystem::path run_directory(const std::filesystem::path& work_dir);

/// A directory's name for an id with any bytes: what is not a letter, digit,
/// '-', '_' or '.' becomes %XX, likewise a leading '.', so that different ids
/// have different names and none leads elsewhere. Of too long ones, the end is
/// replaced by a hash.
std::string path_element(std::string_view id);

/// Checks a path within a sandbox, as users give them: relative, not empty,
/// without "..".
bool is_inside(const std::filesystem::path& relative);

} // namespace agora
