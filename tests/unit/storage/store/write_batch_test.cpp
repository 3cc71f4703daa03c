// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/store/crc32c.hpp"
#include "storage/store/store_keys.hpp"
#include "storage/store/write_batch.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

TEST(WriteBatch, WeighsWhatItHolds) {
  write_batch batch;
  EXPECT_EQ(batch.bytes(), 0U);
  batch.put("key", std::string(1000, 'x'));
  auto one = batch.bytes();
  EXPECT_GE(one, 1003U);
  write_batch other;
  other.erase("key");
  auto two = other.bytes();
  batch.append(std::move(other));
  EXPECT_EQ(batch.bytes(), one + two);
  batch.prepend_to_keys("space/");
  EXPECT_EQ(batch.bytes(), one + two + 12);
}

TEST(WriteBatch, PrependsToBothEndsOfARange) {
  write_batch batch;
  batch.put("a", "value");
  batch.erase_prefix("b/");
  batch.prepend_to_keys("s/");
  EXPECT_EQ(batch.operations()[0].key, "s/a");
  EXPECT_EQ(batch.operations()[0].value, "value");
  EXPECT_EQ(batch.operations()[1].key, "s/b/");
  EXPECT_EQ(batch.operations()[1].value, "s/b0");
}

TEST(StoreKeys, NumbersSortAsTheyCount) {
  std::string before;
  for (uint64_t number : {uint64_t{0}, uint64_t{1}, uint64_t{255},
                          uint64_t{256}, uint64_t{1} << 32, UINT64_MAX}) {
    auto key = store_keys::numbered("entry/", number);
    EXPECT_LT(before, key);
    EXPECT_EQ(store_keys::trailing_number(key), number);
    before = key;
  }
  EXPECT_EQ(store_keys::trailing_number("short"), std::nullopt);
}

TEST(StoreKeys, ThePrefixEndsBehindItsLastKey) {
  EXPECT_EQ(store_keys::end_of_prefix("a/"), "a0");
  EXPECT_EQ(store_keys::end_of_prefix("a\xff\xff"), "b");
  EXPECT_EQ(store_keys::end_of_prefix("\xff"), "");
  EXPECT_EQ(store_keys::end_of_prefix(""), "");
}

// The check value of the CRC catalogue.
TEST(Crc32c, IsTheCastagnoliPolynomial) {
  EXPECT_EQ(crc32c({"123456789"}), 0xe3069283U);
  EXPECT_EQ(crc32c({"1234", "", "56789"}), 0xe3069283U);
  EXPECT_EQ(crc32c({}), 0U);
}

} // namespace
} // namespace agora
