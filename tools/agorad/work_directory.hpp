// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace agora {

/// Where a node keeps its data if nobody says: below /var/lib/agora for root,
/// below $XDG_DATA_HOME/agora or $HOME/.local/share/agora for others.
std::filesystem::path default_work_dir(const std::string& name);

/// Makes `path`, with its parents, and returns it as an absolute path. Fails:
/// errc::io_failed, errc::permission_denied; the text names the path.
result<std::filesystem::path>
make_work_directory(const std::filesystem::path& path);

/// Holds a directory for this process, until it ends however it ends.
class directory_lock {
public:
  /// Fails: errc::store_locked if another process holds it, errc::io_failed;
  /// the text names the path.
  static result<directory_lock> take(const std::filesystem::path& directory);

  directory_lock(directory_lock&& other) noexcept;
  directory_lock& operator=(directory_lock&&) = delete;
  ~directory_lock();

private:
  explicit directory_lock(int descriptor);

  int descriptor_ = -1;
};

/// The port to listen on: `asked`, or for 0 the one of the last time, so that
/// who knows the node finds it again, or else one that is free. What is chosen
/// is noted in `directory`. Fails: as tcp_listen, if the port is taken.
result<uint16_t> choose_port(const std::filesystem::path& directory,
                             const std::string& host, uint16_t asked);

} // namespace agora
