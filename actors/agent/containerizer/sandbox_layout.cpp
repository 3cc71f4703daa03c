// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/containerizer/sandbox_layout.hpp"

#include <cstdint>
#include <cstdio>

namespace agora {

namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

/// FNV-1a, 64 bits: the same name in every process and version.
uint64_t hash_of(std::string_view text) {
  uint64_t hash = 14695981039346656037ull;
  for (auto c : text)
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  return hash;
}

} // namespace

std::filesystem::path sandbox_root(const std::filesystem::path& work_dir) {
  return work_dir / "sandboxes";
}

std::filesystem::path run_directory(const std::filesystem::path& work_dir) {
  return work_dir / "run";
}

std::string path_element(std::string_view id) {
  std::string name;
  for (size_t at = 0; at < id.size(); ++at) {
    auto c = id[at];
    if (is_plain(c) && !(at == 0 && c == '.')) {
      name += c;
      continue;
    }
    char escaped[4];
    std::snprintf(escaped, sizeof(escaped), "%%%02X",
                  static_cast<unsigned>(static_cast<unsigned char>(c)));
    name += escaped;
  }
  if (name.empty())
    return "%";
  if (name.size() <= path_element_bytes)
    return name;
  char hash[20];
  std::snprintf(hash, sizeof(hash), "%%%016llx",
                static_cast<unsigned long long>(hash_of(id)));
  return name.substr(0, path_element_bytes - 17) + hash;
}

bool is_inside(const std::filesystem::path& relative) {
  if (relative.empty() || relative.is_absolute())
    return false;
  for (auto& part : relative)
    if (part == "..")
      return false;
  return relative.string().find('\0') == std::string::npos;
}

} // namespace agora
