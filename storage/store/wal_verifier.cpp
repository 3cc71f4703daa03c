// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/store/wal_verifier.hpp"

#include "storage/store/crc32c.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

namespace agora {

namespace {

namespace fs = std::filesystem;

/// Checksum (4 bytes), length (2), type (1), the numbers little-endian.
constexpr size_t header_bytes = 7;
/// Full, first, middle, last. Others are for features that we do not use.
constexpr uint8_t last_record_type = 4;

uint32_t byte_at(std::string_view bytes, size_t at) {
  return static_cast<uint8_t>(bytes[at]);
}

size_t length_at(std::string_view block, size_t at) {
  return byte_at(block, at + 4) | byte_at(block, at + 5) << 8;
}

/// Whether the checksum of the record at `at`, which lies wholly in `block`,
/// is right. It is stored rotated by 15 bits and shifted by a constant.
bool checksum_matches(std::string_view block, size_t at) {
  uint32_t stored = 0;
  for (size_t i = 4; i-- > 0;)
    stored = stored << 8 | byte_at(block, at + i);
  auto sum = crc32c({block.substr(at + 6, 1 + length_at(block, at))});
  return stored == ((sum >> 15 | sum << 17) + 0xa282ead8U);
}

bool is_valid_record(std::string_view block, size_t at) {
  auto type = byte_at(block, at + 6);
  return type >= 1 && type <= last_record_type
         && length_at(block, at) <= block.size() - at - header_bytes
         && checksum_matches(block, at);
}

bool holds_record_behind(std::string_view block, size_t at) {
  for (++at; at + header_bytes <= block.size(); ++at)
    if (is_valid_record(block, at))
      return true;
  return false;
}

bool all_zero(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

} // namespace

std::optional<wal_verifier::damage> wal_verifier::check(std::string_view block,
                                                        bool last) {
  size_t at = 0;
  std::optional<damage> found;
  // What is shorter than a header is the unused end of a block, or torn.
  while (!found && !padding_ && at + header_bytes <= block.size())
    found = check_record(block, last, at);
  if (!found && padding_ && !all_zero(block.substr(std::min(at, block.size()))))
    found = damage{offset_ + at, "zeros with data behind them"};
  offset_ += block.size();
  return found;
}

/// Checks the record at `at` and moves `at` behind it, or behind the block if
/// the rest is torn.
std::optional<wal_verifier::damage>
wal_verifier::check_record(std::string_view block, bool last, size_t& at) {
  auto length = length_at(block, at);
  auto type = byte_at(block, at + 6);
  if (type == 0 && length == 0) {
    padding_ = true;
    return std::nullopt;
  }
  if (type == 0 || type > last_record_type)
    return damage{offset_ + at, "a record of unknown type"};
  if (length > block.size() - at - header_bytes) {
    if (!last || holds_record_behind(block, at))
      return damage{offset_ + at, "a record with a wrong length"};
    at = block.size();
    return std::nullopt;
  }
  if (!checksum_matches(block, at))
    return damage{offset_ + at, "a record with a wrong checksum"};
  at += header_bytes + length;
  return std::nullopt;
}

namespace {

status verify_file(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in)
    return fail(errc::io_failed, "cannot read " + file.string());
  wal_verifier verifier;
  std::string block(wal_verifier::block_bytes, '\0');
  auto last = false;
  while (!last) {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    auto got = static_cast<size_t>(in.gcount());
    if (in.bad())
      return fail(errc::io_failed, "cannot read " + file.string());
    last = got < block.size() || in.peek() == std::ifstream::traits_type::eof();
    if (auto found
        = verifier.check(std::string_view{block}.substr(0, got), last))
      return fail(errc::store_corrupt,
                  file.string() + " is damaged: " + found->what + " at byte "
                    + std::to_string(found->offset)
                    + "; nothing was changed; restore the file or the whole "
                      "directory from a copy");
  }
  return {};
}

/// The manifest that the file CURRENT names, which ends in a newline.
fs::path current_manifest(const fs::path& db) {
  std::ifstream in{db / "CURRENT"};
  std::string name;
  std::getline(in, name);
  return db / name;
}

} // namespace

result<uint64_t> verify_logs(const std::string& db_path) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator at{db_path, error}, end; !error && at != end;
       at.increment(error))
    if (at->path().extension() == ".log")
      files.push_back(at->path());
  if (error && error != std::errc::no_such_file_or_directory)
    return fail(errc::io_failed,
                "cannot list " + db_path + ": " + error.message());
  if (error)
    return fail(errc::store_corrupt, db_path + " is missing");
  // An open database has one at any time, and a closed one keeps it.
  if (files.empty())
    return fail(errc::store_corrupt,
                db_path + " has lost its write-ahead log (*.log)");
  std::sort(files.begin(), files.end());
  auto manifest = current_manifest(db_path);
  if (!fs::is_regular_file(manifest, error))
    return fail(errc::store_corrupt,
                db_path + " has lost its manifest or the file CURRENT");
  uint64_t log_bytes = 0;
  for (auto& file : files)
    log_bytes += fs::file_size(file, error);
  files.push_back(std::move(manifest));
  for (auto& file : files)
    if (auto bad = verify_file(file))
      return bad;
  return log_bytes;
}

} // namespace agora
