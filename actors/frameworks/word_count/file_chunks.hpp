// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace agora {

/// Files that one task counts: absolute paths.
using file_chunk_list = std::vector<std::string>;

/// What a task's data may hold.
inline constexpr size_t chunk_bytes_limit = 64 * 1024;

/// The regular files that `paths` name, each once: a folder stands for the
/// files in it (not below it), a symbolic link for what it leads to. Absolute,
/// in the order of bytes; what `realpath PATH... | sort -u` prints.
/// @returns errc::not_found or errc::permission_denied, with the path; a path
///          that is neither file nor folder is errc::invalid_argument, and so
///          is a path with a line break.
result<std::vector<std::string>>
find_files(const std::vector<std::string>& paths);

/// Splits `files` into lists of at most `most` files each, in order, which
/// take at most chunk_bytes_limit. `most` must be positive.
std::vector<file_chunk_list> make_chunks(const std::vector<std::string>& files,
                                         size_t most);

/// One path a line: how a chunk travels, as the data of a task.
std::string encode(const file_chunk_list& files);

/// @returns errc::malformed_message if there is no path, or one that is not
///          absolute; errc::too_large.
result<file_chunk_list> decode_chunk(std::string_view text);

} // namespace agora
