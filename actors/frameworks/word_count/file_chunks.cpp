// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/word_count/file_chunks.hpp"

#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

namespace agora {

namespace {

namespace fs = std::filesystem;

status path_error(const std::string& path, const std::error_code& error) {
  auto code = error == std::errc::no_such_file_or_directory ? errc::not_found
              : error == std::errc::permission_denied ? errc::permission_denied
                                                      : errc::io_failed;
  return fail(code, path + ": " + error.message());
}

/// Adds the file that `path` leads to. Others are skipped in folders.
status add_file(const fs::path& path, bool in_folder,
                std::set<std::string>& files) {
  std::error_code error;
  auto real = fs::canonical(path, error);
  if (error)
    return path_error(path.string(), error);
  auto regular = fs::is_regular_file(real, error);
  if (error)
    return path_error(path.string(), error);
  if (!regular)
    return in_folder ? status{}
                     : fail(errc::invalid_argument,
                            path.string() + " is neither file nor folder");
  if (real.string().find('\n') != std::string::npos)
    return fail(errc::invalid_argument,
                real.string() + " has a line break in its name");
  files.insert(real.string());
  return {};
}

status add_folder(const fs::path& path, std::set<std::string>& files) {
  std::error_code error;
  for (fs::directory_iterator at{path, error}, end; !error && at != end;
       at.increment(error))
    if (auto bad = add_file(at->path(), true, files))
      return bad;
  return error ? path_error(path.string(), error) : status{};
}

} // namespace

result<std::vector<std::string>>
find_files(const std::vector<std::string>& paths) {
  std::set<std::string> files;
  for (auto& path : paths) {
    std::error_code error;
    auto is_folder = fs::is_directory(path, error);
    auto bad
      = is_folder ? add_folder(path, files) : add_file(path, false, files);
    if (bad)
      return bad;
  }
  return std::vector<std::string>{files.begin(), files.end()};
}

std::vector<file_chunk_list> make_chunks(const std::vector<std::string>& files,
                                         size_t most) {
  std::vector<file_chunk_list> chunks;
  size_t bytes = 0;
  for (auto& file : files) {
    auto more = file.size() + 1;
    if (chunks.empty() || chunks.back().size() == most
        || bytes + more > chunk_bytes_limit) {
      chunks.emplace_back();
      bytes = 0;
    }
    bytes += more;
    chunks.back().push_back(file);
  }
  return chunks;
}

std::string encode(const file_chunk_list& files) {
  std::string text;
  for (auto& file : files)
    text += file + '\n';
  return text;
}

result<file_chunk_list> decode_chunk(std::string_view text) {
  if (text.size() > chunk_bytes_limit)
    return fail(errc::too_large, "the list of files is longer than "
                                   + std::to_string(chunk_bytes_limit)
                                   + " bytes");
  file_chunk_list files;
  while (!text.empty()) {
    auto end = text.find('\n');
    if (end == std::string_view::npos || text.front() != '/')
      return fail(errc::malformed_message,
                  "the list of files needs one absolute path a line");
    files.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  if (files.empty())
    return fail(errc::malformed_message, "the list of files is empty");
  return files;
}

} // namespace agora
