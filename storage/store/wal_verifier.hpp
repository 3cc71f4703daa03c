// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace agora {

/// Checks a file in RocksDB's log format (write-ahead logs and manifests)
/// record by record, before RocksDB opens it.
///
/// Why, if RocksDB checks itself: with every recovery mode there is one bit in
/// each record (it turns the record type into that of a recycled log) which
/// makes it take the record for the end of the file; and with the mode that
/// tolerates a torn tail, a longer record length in the last 32 KiB does. All
/// later records, synced and acknowledged, are then dropped without a word.
///
/// A torn tail is an incomplete last record with nothing valid behind it, or
/// nothing but zeros: what a crash in the middle of an append leaves. Damage to
/// the length of the very last record looks the same and is not found.
///
/// Source of the format: RocksDB wiki, "Write Ahead Log File Format".
class wal_verifier {
public:
  /// Records never cross a multiple of this.
  static constexpr size_t block_bytes = size_t{32} << 10;

  /// Where and why a file is damaged.
  struct damage {
    uint64_t offset = 0;
    const char* what = "";
  };

  /// Takes the next block of the file; all but the last one are full.
  /// @returns the damage, if there is any.
  std::optional<damage> check(std::string_view block, bool last);

private:
  std::optional<damage> check_record(std::string_view block, bool last,
                                     size_t& at);

  uint64_t offset_ = 0;
  /// Zeros began: nothing else may follow.
  bool padding_ = false;
};

/// Checks every write-ahead log and the current manifest in the directory
/// `db_path`, changing nothing.
/// @returns the bytes of the write-ahead logs; errc::store_corrupt naming file
///          and offset, also if there is no write-ahead log or manifest at
///          all; errc::io_failed.
result<uint64_t> verify_logs(const std::string& db_path);

} // namespace agora
