// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/store/crc32c.hpp"
#include "storage/store/wal_verifier.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace agora {
namespace {

constexpr size_t header_bytes = 7;

std::string record(std::string_view payload, char type = 1) {
  auto sum = crc32c({std::string_view{&type, 1}, payload});
  auto masked = (sum >> 15 | sum << 17) + 0xa282ead8U;
  std::string bytes;
  for (int shift = 0; shift < 32; shift += 8)
    bytes.push_back(static_cast<char>(masked >> shift));
  bytes.push_back(static_cast<char>(payload.size()));
  bytes.push_back(static_cast<char>(payload.size() >> 8));
  bytes.push_back(type);
  return bytes.append(payload);
}

std::string records(size_t count) {
  std::string bytes;
  for (size_t i = 0; i < count; ++i)
    bytes += record("payload " + std::to_string(i));
  return bytes;
}

std::optional<wal_verifier::damage> check(std::string_view file) {
  wal_verifier verifier;
  constexpr auto block = wal_verifier::block_bytes;
  for (; file.size() > block; file.remove_prefix(block))
    if (auto found = verifier.check(file.substr(0, block), false))
      return found;
  return verifier.check(file, true);
}

std::string flipped(std::string bytes, size_t bit) {
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
  return bytes;
}

TEST(WalVerifier, AcceptsWhatIsWhole) {
  EXPECT_FALSE(check(""));
  EXPECT_FALSE(check(records(1)));
  EXPECT_FALSE(check(records(100)));
}

TEST(WalVerifier, FindsEveryFlippedBitBeforeTheLastRecord) {
  auto whole = records(6);
  auto last = records(5).size();
  for (size_t bit = 0; bit < last * 8; ++bit)
    ASSERT_TRUE(check(flipped(whole, bit))) << "bit " << bit;
}

TEST(WalVerifier, MissesOnlyTheLengthOfTheLastRecord) {
  auto whole = records(6);
  auto last = records(5).size();
  for (size_t bit = last * 8; bit < whole.size() * 8; ++bit) {
    auto in_length = bit / 8 == last + 4 || bit / 8 == last + 5;
    if (!in_length) {
      ASSERT_TRUE(check(flipped(whole, bit))) << "bit " << bit;
    }
  }
}

TEST(WalVerifier, ToleratesATornTail) {
  auto whole = records(6);
  for (size_t size = 0; size < whole.size(); ++size)
    ASSERT_FALSE(check(std::string_view{whole}.substr(0, size))) << size;
}

TEST(WalVerifier, ToleratesZerosAtTheEndOnly) {
  auto zeros = std::string(100'000, '\0');
  EXPECT_FALSE(check(records(3) + zeros));
  auto found = check(records(3) + zeros + "x");
  ASSERT_TRUE(found);
  EXPECT_STREQ(found->what, "zeros with data behind them");
}

TEST(WalVerifier, FindsAZeroedSector) {
  auto whole = records(3000);
  auto expected = records(20).size();
  auto damaged = whole;
  damaged.replace(expected, 512, 512, '\0');
  auto found = check(damaged);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->offset, expected);
}

// A block ends in up to six unused bytes; a record may fill it exactly.
TEST(WalVerifier, GoesOnBehindABlock) {
  constexpr auto block = wal_verifier::block_bytes;
  for (size_t unused = 0; unused < header_bytes; ++unused) {
    auto file = record(std::string(block - header_bytes - unused, 'x'), 2)
                + std::string(unused, '\0');
    ASSERT_EQ(file.size(), block);
    EXPECT_FALSE(check(file));
    file += record("the rest", 4);
    EXPECT_FALSE(check(file));
    auto found = check(flipped(file, (block + 8) * 8));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->offset, block);
  }
}

// In a block that is not the last, a length over the end cannot be a tear.
TEST(WalVerifier, FindsALengthBeyondItsBlock) {
  auto file = record(std::string(32'000, 'x')) + record(std::string(754, 'y'));
  ASSERT_EQ(file.size(), wal_verifier::block_bytes);
  file += record("z");
  EXPECT_FALSE(check(file));
  auto length_bit = (32'000 + header_bytes + 5) * 8 + 6;
  EXPECT_TRUE(check(flipped(file, length_bit)));
}

} // namespace
} // namespace agora
