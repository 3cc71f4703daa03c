// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "storage/store/store.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace agora {

/// A data directory that this process holds: it is ours, of the right kind,
/// and locked until this object ends (and by the kernel, if the process is
/// killed).
///
/// The file AGORA in it tells whose it is. It is written before anything else
/// and says "new" until the database in db/ has been made; so a crash in the
/// first start is told from a database that got lost later.
class data_directory {
public:
  /// The newest layout that this code knows; older code refuses it.
  static constexpr uint64_t format = 1;

  /// Takes hold of `path`, making it if it is missing.
  /// @returns errc::store_locked, errc::store_foreign (not empty without
  ///          AGORA, another kind, a newer format), errc::store_corrupt (AGORA
  ///          is damaged), errc::not_found (the parent is missing),
  ///          errc::permission_denied, errc::store_full, errc::io_failed; the
  ///          text names the path and nothing was changed.
  static result<data_directory> claim(std::string path, std::string_view kind);

  data_directory(data_directory&& other) noexcept;
  data_directory& operator=(data_directory&& other) noexcept;
  ~data_directory();

  /// Whether the database has yet to be made.
  bool is_new() const noexcept {
    return is_new_;
  }

  /// Notes durably that the database has been made.
  status mark_ready();

  /// Makes sure, before anything is opened, that `bytes` can be written.
  /// Debian's RocksDB is built with assertions, and aborts instead of failing
  /// when the disk is full while it opens.
  /// @returns errc::store_full naming the path and the bytes; errc::io_failed.
  status check_room(size_t bytes) const;

  const std::string& path() const noexcept {
    return path_;
  }

  /// Where the database is.
  std::string database_path() const {
    return path_ + "/db";
  }

  const store_identity& identity() const noexcept {
    return identity_;
  }

private:
  data_directory(std::string path, int lock);

  status read_or_make_marker(std::string_view kind);
  status read_marker(std::string_view text, std::string_view kind);
  status write_marker(std::string_view state);

  std::string path_;
  /// The directory itself, open and locked (flock); -1 if moved from.
  int lock_ = -1;
  store_identity identity_;
  bool is_new_ = false;
};

/// The error for the errno value `number`: what could not be done with `path`.
status errno_failure(int number, std::string_view what,
                     const std::string& path);

} // namespace agora
