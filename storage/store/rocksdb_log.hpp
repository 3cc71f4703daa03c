// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rocksdb/env.h>

#include <cstdarg>

namespace agora {

/// What RocksDB has to say goes into our own log, for debugging: its warnings
/// and its errors, which it also returns to us, or which are none, as that a
/// new directory is empty. RocksDB would else write files into the directory,
/// and where the disk is full, Debian's build of it aborts the process while it
/// writes about that.
class rocksdb_log final : public rocksdb::Logger {
public:
  rocksdb_log();

  using rocksdb::Logger::Logv;

  void Logv(const char* format, va_list values) override;

  void Logv(rocksdb::InfoLogLevel level, const char* format,
            va_list values) override;

  /// All options, at each start.
  void LogHeader(const char* format, va_list values) override;
};

} // namespace agora
