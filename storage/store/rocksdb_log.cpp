// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/store/rocksdb_log.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <cstdio>

namespace agora {

namespace {

/// What is longer is cut off.
constexpr size_t line_bytes = 1'024;

} // namespace

rocksdb_log::rocksdb_log() : rocksdb::Logger(rocksdb::WARN_LEVEL) {
  // nop
}

void rocksdb_log::Logv(const char* format, va_list values) {
  Logv(rocksdb::WARN_LEVEL, format, values);
}

void rocksdb_log::Logv(rocksdb::InfoLogLevel level, const char* format,
                       va_list values) {
  if (level < GetInfoLogLevel())
    return;
  std::array<char, line_bytes> line{};
  std::vsnprintf(line.data(), line.size(), format, values);
  spdlog::debug("rocksdb text=\"{}\"", line.data());
}

void rocksdb_log::LogHeader(const char*, va_list) {
  // nop
}

} // namespace agora
