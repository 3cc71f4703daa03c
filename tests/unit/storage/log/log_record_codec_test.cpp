// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/log/log_record_codec.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

namespace agora {
namespace {

namespace codec = log_record_codec;

TEST(LogRecordCodec, ReadsWhatItWrote) {
  for (auto kind :
       {entry_kind::command, entry_kind::no_op, entry_kind::configuration})
    for (auto& payload :
         {std::string{}, std::string{"p"}, std::string(1000, '\0')}) {
      log_entry entry{7, UINT64_MAX, payload, kind};
      EXPECT_EQ(
        codec::decode_entry("key", 7, codec::encode_entry("key", entry)),
        entry);
    }
  std::array<uint64_t, 2> numbers{0, UINT64_MAX};
  EXPECT_EQ(codec::decode_numbers("key", codec::encode_numbers("key", numbers)),
            numbers);
  auto record = codec::encode("key", "content");
  EXPECT_EQ(codec::decode("key", record), "content");
  EXPECT_EQ(codec::decode("", codec::encode("", "")), "");
}

// It is stored: programs of later versions have to read it.
TEST(LogRecordCodec, LooksLikeThis) {
  auto record
    = codec::encode_entry("key", {1, 0x0102, "pay", entry_kind::no_op});
  EXPECT_EQ(record.substr(4),
            (std::string{"\x02\0\0\0\0\0\0\x01\x02\x01pay", 13}));
  EXPECT_EQ(codec::encode_numbers("key", {3, 4}).substr(4),
            (std::string{"\x02\0\0\0\0\0\0\0\x03\0\0\0\0\0\0\0\x04", 17}));
}

TEST(LogRecordCodec, EveryBitCounts) {
  const auto whole = codec::encode_entry("key", {1, 2, "payload"});
  for (size_t bit = 0; bit < whole.size() * 8; ++bit) {
    auto record = whole;
    record[bit / 8] = static_cast<char>(record[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(codec::decode_entry("key", 1, record)) << bit;
  }
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(codec::decode_entry("key", 1, whole.substr(0, size))) << size;
  EXPECT_FALSE(codec::decode_entry("key", 1, whole + '\0'));
}

TEST(LogRecordCodec, ARecordBelongsToItsKey) {
  auto record = codec::encode_entry("key", {1, 2, "payload"});
  EXPECT_FALSE(codec::decode_entry("kez", 1, record));
  EXPECT_FALSE(codec::decode_entry("ke", 1, record));
}

TEST(LogRecordCodec, KnowsItsKindsAndSizesOnly) {
  EXPECT_FALSE(codec::decode_entry(
    "key", 1,
    codec::encode_entry("key", {1, 2, "", static_cast<entry_kind>(3)})));
  EXPECT_FALSE(codec::decode_entry("key", 1, codec::encode("key", "12345678")));
  EXPECT_FALSE(codec::decode_numbers("key", codec::encode("key", "1234567")));
  EXPECT_FALSE(
    codec::decode_numbers("key", codec::encode("key", std::string(17, '1'))));
}

TEST(LogRecordCodec, RefusesWhateverElseThereIs) {
  std::mt19937 rng{7};
  for (int i = 0; i < 1000; ++i) {
    std::string noise(rng() % 64, '\0');
    for (auto& byte : noise)
      byte = static_cast<char>(rng());
    EXPECT_FALSE(codec::decode_entry("key", 1, noise));
    EXPECT_FALSE(codec::decode_numbers("key", noise));
  }
}

} // namespace
} // namespace agora
