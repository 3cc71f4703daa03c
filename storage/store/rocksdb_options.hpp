// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "storage/store/rocksdb_store.hpp"

#include <rocksdb/listener.h>
#include <rocksdb/options.h>
#include <rocksdb/status.h>

#include <functional>
#include <string>

namespace agora {

/// How we open a RocksDB: never going on after damage or a failed write, with
/// the memory, threads and files of `settings`.
rocksdb::Options rocksdb_options(const rocksdb_settings& settings);

/// What RocksDB said when it could not `what` (read, write) the store at
/// `path`, in our words.
status rocksdb_failure(const rocksdb::Status& said, const char* what,
                       const std::string& path);

/// Likewise, for opening: there a missing part is damage.
status rocksdb_open_failure(const rocksdb::Status& said,
                            const std::string& path);

/// Hears of failures in RocksDB's own threads.
class rocksdb_error_listener final : public rocksdb::EventListener {
public:
  using handler = std::function<void(const rocksdb::Status&)>;

  explicit rocksdb_error_listener(handler tell);

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason,
                         rocksdb::Status* what) override;

private:
  handler tell_;
};

} // namespace agora
