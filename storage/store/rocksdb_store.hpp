// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/store/store.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace agora {

/// Settings of a store in a RocksDB. The defaults suit a master; memory is
/// bounded by block_cache_bytes + write_buffer_bytes * write_buffers.
struct rocksdb_settings {
  /// Whose data it is: "master" or "agent". A directory of another kind is
  /// refused.
  std::string kind = "master";
  size_t block_cache_bytes = size_t{64} << 20;
  size_t write_buffer_bytes = size_t{16} << 20;
  int write_buffers = 3;
  /// Threads for flushes and compactions.
  int background_threads = 2;
  /// Bytes that one group commit takes from the queue at most.
  size_t group_bytes = size_t{8} << 20;
  /// Room on the disk without which a start is refused, besides as much as the
  /// write-ahead logs have.
  size_t room_bytes = size_t{1} << 20;
  store_limits limits;
};

/// Opens the data directory `path`, or makes it; its parent must exist.
///
/// A fresh directory gets a file AGORA, which tells format, kind and a random
/// uid; the data is beside it, in db/. Everything queued is written as one
/// group with one fsync by a thread of the store's own. The destructor writes
/// what is still queued.
///
/// @returns errc::store_corrupt: stored bytes are damaged; nothing was changed.
///          errc::store_foreign: not empty and not ours, of another kind, or of
///          a newer format. errc::store_locked: in use by another process.
///          errc::permission_denied, errc::not_found (parent),
///          errc::store_full, errc::io_failed. Each text names the path.
result<std::unique_ptr<store>>
open_rocksdb_store(std::string path, rocksdb_settings settings = {});

} // namespace agora
