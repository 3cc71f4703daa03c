// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/log/log_record_codec.hpp"

#include "storage/store/crc32c.hpp"
#include "storage/store/store_keys.hpp"

#include <utility>

namespace agora::log_record_codec {

namespace {

constexpr size_t checksum_bytes = 4;
constexpr size_t number_bytes = 8;
constexpr size_t prologue_bytes = checksum_bytes + 1;
constexpr size_t entry_prologue_bytes = number_bytes + 1;

/// Room for the checksum, and the version.
std::string begin(size_t content_bytes) {
  std::string record;
  record.reserve(prologue_bytes + content_bytes);
  record.append(checksum_bytes, '\0');
  record.push_back(static_cast<char>(version));
  return record;
}

std::string sealed(std::string_view key, std::string record) {
  auto sum = crc32c({key, std::string_view{record}.substr(checksum_bytes)});
  for (size_t i = checksum_bytes; i-- > 0; sum >>= 8)
    record[i] = static_cast<char>(sum);
  return record;
}

} // namespace

std::string encode(std::string_view key, std::string_view content) {
  auto record = begin(content.size());
  record += content;
  return sealed(key, std::move(record));
}

std::optional<std::string_view> decode(std::string_view key,
                                       std::string_view record) {
  if (record.size() < prologue_bytes)
    return std::nullopt;
  uint32_t stored = 0;
  for (auto byte : record.substr(0, checksum_bytes))
    stored = stored << 8 | static_cast<uint8_t>(byte);
  if (stored != crc32c({key, record.substr(checksum_bytes)})
      || static_cast<uint8_t>(record[checksum_bytes]) != version)
    return std::nullopt;
  return record.substr(prologue_bytes);
}

std::string encode_entry(std::string_view key, const log_entry& entry) {
  auto record = begin(entry_prologue_bytes + entry.payload.size());
  store_keys::append_number(record, entry.term);
  record.push_back(static_cast<char>(entry.kind));
  record += entry.payload;
  return sealed(key, std::move(record));
}

std::optional<log_entry> decode_entry(std::string_view key, uint64_t index,
                                      std::string_view record) {
  auto content = decode(key, record);
  if (!content || content->size() < entry_prologue_bytes)
    return std::nullopt;
  auto kind = static_cast<uint8_t>((*content)[number_bytes]);
  if (kind > static_cast<uint8_t>(entry_kind::configuration))
    return std::nullopt;
  auto term = store_keys::trailing_number(content->substr(0, number_bytes));
  return log_entry{index, *term,
                   std::string{content->substr(entry_prologue_bytes)},
                   static_cast<entry_kind>(kind)};
}

std::string encode_numbers(std::string_view key,
                           std::array<uint64_t, 2> numbers) {
  auto record = begin(numbers.size() * number_bytes);
  for (auto number : numbers)
    store_keys::append_number(record, number);
  return sealed(key, std::move(record));
}

std::optional<std::array<uint64_t, 2>> decode_numbers(std::string_view key,
                                                      std::string_view record) {
  auto content = decode(key, record);
  if (!content || content->size() != 2 * number_bytes)
    return std::nullopt;
  return std::array<uint64_t, 2>{
    *store_keys::trailing_number(content->substr(0, number_bytes)),
    *store_keys::trailing_number(*content)};
}

} // namespace agora::log_record_codec
