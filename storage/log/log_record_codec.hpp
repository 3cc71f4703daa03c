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
/// A record is the checksum (4 bytes), the version of this layout (1) and its
/// content. An entry's is the term (8), the kind (1) and the payload. All
/// big-endian.
namespace log_record_codec {

/// 1 was that of logs with one member, before there were others.
constexpr uint8_t version = 2;

/// The stored form of `content` under `key`.
std::string encode(std::string_view key, std::string_view content);

/// What `record`, which is stored under `key`, holds: a part of it. Nothing if
/// it is damaged or of another version.
std::optional<std::string_view> decode(std::string_view key,
                                       std::string_view record);

/// The stored form of `entry`, whose key is `key`.
std::string encode_entry(std::string_view key, const log_entry& entry);

/// The entry stored under `key`, whose index is `index`; nothing as decode, or
/// if its kind is not known.
std::optional<log_entry> decode_entry(std::string_view key, uint64_t index,
                                      std::string_view record);

/// The stored form of two numbers under `key`.
std::string encode_numbers(std::string_view key,
                           std::array<uint64_t, 2> numbers);

/// The numbers stored under `key`; nothing as decode.
std::optional<std::array<uint64_t, 2>> decode_numbers(std::string_view key,
                                                      std::string_view record);

} // namespace log_record_codec

} // namespace agora
