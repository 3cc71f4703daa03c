// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// What a data directory does after damage and crashes: a start either finds
// everything that was reported as persisted, or is refused and changes nothing.
#include "storage/store/rocksdb_store.hpp"
#include "tests/integration/storage/store_command.hpp"
#include "tests/support/scratch_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

namespace agora {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;

constexpr size_t key_count = 1000;
constexpr size_t header_bytes = 7;
constexpr size_t block_bytes = size_t{32} << 10;

std::string read_file(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void write_file(const fs::path& path, const std::string& bytes) {
  std::ofstream{path, std::ios::binary | std::ios::trunc} << bytes;
}

void flip(std::string& bytes, size_t bit) {
  bytes.at(bit / 8) = static_cast<char>(bytes.at(bit / 8) ^ (1 << bit % 8));
}

/// Every file below `path` with its bytes.
std::map<std::string, std::string> files_below(const fs::path& path) {
  std::map<std::string, std::string> files;
  for (auto& at : fs::recursive_directory_iterator{path})
    if (at.is_regular_file())
      files[at.path().string()] = read_file(at.path());
  return files;
}

/// A data directory whose process was killed after it had written key_count
/// keys, each with its own fsync: they are in the write-ahead log only.
class StoreDamage : public testing::Test {
protected:
  static void SetUpTestSuite() {
    scratch_ = new scratch_directory;
    auto written = run_store_command("write " + scratch_->file("original") + " "
                                     + std::to_string(key_count));
    ASSERT_THAT(written.output, HasSubstr("written 1000"));
  }

  static void TearDownTestSuite() {
    delete scratch_;
    scratch_ = nullptr;
  }

  void SetUp() override {
    restore();
  }

  void restore() {
    fs::remove_all(path_);
    fs::copy(scratch_->file("original"), path_, fs::copy_options::recursive);
  }

  fs::path wal() const {
    return only_file(".log");
  }

  fs::path only_file(const std::string& part) const {
    fs::path found;
    for (auto& at : fs::directory_iterator{path_ + "/db"})
      if (at.path().filename().string().find(part) != std::string::npos) {
        EXPECT_TRUE(found.empty());
        found = at.path();
      }
    return found;
  }

  /// Where each record of `log` begins.
  static std::vector<size_t> records_of(const std::string& log) {
    std::vector<size_t> found;
    for (size_t at = 0; at + header_bytes <= log.size();) {
      auto left = block_bytes - at % block_bytes;
      if (left < header_bytes) {
        at += left;
        continue;
      }
      found.push_back(at);
      at += header_bytes + static_cast<uint8_t>(log[at + 4])
            + (static_cast<uint8_t>(log[at + 5]) << 8);
    }
    return found;
  }

  /// How many keys are there, or the error.
  result<size_t> count() const {
    auto opened = open_rocksdb_store(path_);
    if (!opened)
      return opened.error();
    size_t keys = 0;
    auto bad = (*opened)->scan("key", {}, [&](auto, auto) {
      ++keys;
      return visit::more;
    });
    if (bad)
      return bad;
    return keys;
  }

  void expect_refused_unchanged(const std::string& part) {
    auto before = files_below(path_);
    auto counted = count();
    ASSERT_FALSE(counted) << "opened with " << *counted << " keys";
    EXPECT_EQ(code_of(counted.error()), errc::store_corrupt)
      << describe(counted.error());
    EXPECT_THAT(text_of(counted.error()), HasSubstr(part));
    // Not EXPECT_EQ, which would print every file.
    EXPECT_TRUE(files_below(path_) == before) << "the refused start wrote";
  }

  void expect_all() {
    auto counted = count();
    ASSERT_TRUE(counted) << describe(counted.error());
    EXPECT_EQ(*counted, key_count);
  }

  static scratch_directory* scratch_;
  std::string path_ = scratch_->file("damaged");
};

scratch_directory* StoreDamage::scratch_ = nullptr;

TEST_F(StoreDamage, AKilledProcessLosesNothing) {
  expect_all();
  expect_all();
}

TEST_F(StoreDamage, OneFlippedBitInTheMiddleRefusesAndFlippedBackAllIsThere) {
  auto bytes = read_file(wal());
  flip(bytes, bytes.size() / 2 * 8);
  write_file(wal(), bytes);
  expect_refused_unchanged(wal().string());
  flip(bytes, bytes.size() / 2 * 8);
  write_file(wal(), bytes);
  expect_all();
}

// Among these are the bits that RocksDB alone takes for the end of the log:
// bit 2 of each type, and the upper bits of each length in the last 32 KiB.
TEST_F(StoreDamage, NoBitOfAnyHeaderCanHideWhatFollows) {
  auto whole = read_file(wal());
  auto records = records_of(whole);
  ASSERT_GE(records.size(), key_count);
  auto last = records.size() - 1;
  for (auto record : {size_t{0}, size_t{1}, last / 4, last / 2, last - 20,
                      last - 2, last - 1}) {
    for (size_t bit = 0; bit < (header_bytes + 2) * 8; ++bit) {
      SCOPED_TRACE("record " + std::to_string(record) + " bit "
                   + std::to_string(bit));
      auto damaged = whole;
      flip(damaged, records[record] * 8 + bit);
      write_file(wal(), damaged);
      expect_refused_unchanged(wal().string());
      if (HasFailure())
        return;
    }
  }
  write_file(wal(), whole);
  expect_all();
}

// Only a length in the very last record looks like a torn append.
TEST_F(StoreDamage, TheLastRecordIsRefusedOrAloneLost) {
  auto whole = read_file(wal());
  auto last = records_of(whole).back();
  for (auto bit = last * 8; bit < whole.size() * 8; bit += 3) {
    SCOPED_TRACE("bit " + std::to_string(bit - last * 8));
    restore();
    auto damaged = whole;
    flip(damaged, bit);
    write_file(wal(), damaged);
    auto in_length = bit / 8 == last + 4 || bit / 8 == last + 5;
    auto counted = count();
    if (counted) {
      EXPECT_TRUE(in_length);
      EXPECT_EQ(*counted, key_count - 1);
    } else {
      EXPECT_EQ(code_of(counted.error()), errc::store_corrupt);
    }
  }
}

TEST_F(StoreDamage, ATornTailLosesOnlyTheTornRecord) {
  auto whole = read_file(wal());
  auto records = records_of(whole);
  auto second_to_last = records[records.size() - 2];
  for (auto size = second_to_last; size < whole.size(); size += 5) {
    SCOPED_TRACE("cut at " + std::to_string(size));
    restore();
    fs::resize_file(wal(), size);
    auto counted = count();
    ASSERT_TRUE(counted) << describe(counted.error());
    EXPECT_EQ(*counted, key_count - (size < records.back() ? 2 : 1));
  }
}

TEST_F(StoreDamage, MissingPartsAreNamed) {
  fs::remove(wal());
  expect_refused_unchanged("write-ahead log");
  restore();
  fs::remove(path_ + "/db/CURRENT");
  expect_refused_unchanged("CURRENT");
  restore();
  fs::remove(only_file("MANIFEST"));
  expect_refused_unchanged("manifest");
  restore();
  fs::remove_all(path_ + "/db");
  expect_refused_unchanged(path_ + "/db");
}

TEST_F(StoreDamage, AFlippedBitInTheManifestRefuses) {
  auto manifest = only_file("MANIFEST");
  auto whole = read_file(manifest);
  auto last = records_of(whole).back();
  for (size_t bit = 0; bit < last * 8; bit += 5) {
    auto damaged = whole;
    flip(damaged, bit);
    write_file(manifest, damaged);
    expect_refused_unchanged(manifest.string());
    if (HasFailure())
      FAIL() << "bit " << bit;
  }
}

// Once opened, the keys are in a table file. Its blocks are checked when read.
TEST_F(StoreDamage, AFlippedBitInATableIsFoundWhenRead) {
  expect_all();
  auto table = only_file(".sst");
  auto whole = read_file(table);
  for (size_t at = 100; at < whole.size(); at += 997) {
    auto damaged = whole;
    flip(damaged, at * 8);
    write_file(table, damaged);
    auto counted = count();
    if (counted) {
      // Parts that nobody needs may go unnoticed; keys may not.
      EXPECT_EQ(*counted, key_count) << "byte " << at;
    } else {
      EXPECT_EQ(code_of(counted.error()), errc::store_corrupt);
      EXPECT_THAT(text_of(counted.error()), HasSubstr(path_));
    }
    if (at == 100) {
      EXPECT_FALSE(counted);
    }
    // What the open above has written refers to the table by name only.
    write_file(table, whole);
  }
  expect_all();
}

} // namespace
} // namespace agora
