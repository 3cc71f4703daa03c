// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/consensus/log_entry.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace agora {

/// How a log's records look on disk. Each carries a CRC-32C over its key and
/// its content: RocksDB's own checksums say that a block is as it was written,
/// these say that it is the record which we look for.
///
/// An entry is the checksum (4 bytes), the version of this layout (1), the term
/// (8) and the payload; other records are the checksum, the version and
/// numbers of eight bytes. All big-endian.
namespace log_record_codec {

constexpr uint8_t version = 1;

/// The stored form of `entry`, whose key is `key`.
std::string encode_entry(std::string_view key, const log_entry& entry);

/// The entry stored under `key`, whose index is `index`; nothing if it is
/// damaged or of an unknown version.
std::optional<log_entry> decode_entry(std::string_view key, uint64_t index,
                                      std::string_view record);

/// The stored form of two numbers under `key`.
std::string encode_numbers(std::string_view key,
                           std::array<uint64_t, 2> numbers);

/// The numbers stored under `key`; nothing if the record is damaged or of an
/// unknown version.
std::optional<std::array<uint64_t, 2>> decode_numbers(std::string_view key,
                                                      std::string_view record);

} // namespace log_record_codec

} // namespace agora
