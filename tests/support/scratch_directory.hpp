// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/check.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

namespace agora {

/// An empty directory of this test's own, removed with everything in it.
class scratch_directory {
public:
  scratch_directory() {
    auto name
      = (std::filesystem::temp_directory_path() / "agora-XXXXXX").string();
    AGORA_CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }

  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;

  ~scratch_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const noexcept {
    return path_;
  }

  /// The path of `name` in it.
  std::string file(std::string_view name) const {
    return path_ + "/" + std::string{name};
  }

private:
  std::string path_;
};

} // namespace agora
