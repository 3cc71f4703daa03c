// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/shim_protocol.hpp"
#include "runtime/process/shim_spawn.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>

namespace agora {
namespace {

/// Bytes that begin at an aligned address and end where an overrun shows (with
/// a sanitizer).
struct exact_bytes {
  explicit exact_bytes(const std::string& text)
    : data{new char[text.size()]}, size{text.size()} {
    std::copy(text.begin(), text.end(), data.get());
  }

  bool parse() {
    return shim::parse_spec(data.get(), size, view);
  }

  std::unique_ptr<char[]> data;
  size_t size;
  shim::spec_view view;
};

launch_spec example() {
  launch_spec spec;
  spec.task_key = "k";
  spec.run_directory = "/run";
  spec.sandbox = "/box";
  spec.shell = false;
  spec.command = "/bin/x";
  spec.arguments = {"x", "", "y z"};
  spec.environment = {{"A", "1"}, {"A", "2"}, {"AGORA_TASK_KEY", "forged"}};
  spec.limits = {{7, 10, 20}};
  return spec;
}

TEST(ShimSpecTest, ArrivesAsItWasGiven) {
  exact_bytes spec{
    encode_shim_spec(example(), "boot", user_ids{12, 34, {34, 56, 78}})};
  ASSERT_TRUE(spec.parse());
  auto& view = spec.view;
  EXPECT_STREQ(view.record_path, "/run/k.state");
  EXPECT_STREQ(view.sandbox, "/box");
  EXPECT_STREQ(view.boot_id, "boot");
  EXPECT_STREQ(view.program, "/bin/x");
  ASSERT_EQ(view.header->arguments, 3u);
  ASSERT_EQ(view.header->variables, 2u);
  std::vector<std::string> strings;
  auto at = view.strings;
  for (int i = 0; i < 5; ++i, at = shim::next_string(at))
    strings.emplace_back(at);
  EXPECT_EQ(strings, (std::vector<std::string>{"x", "", "y z", "A=2",
                                               "AGORA_TASK_KEY=k"}));
  EXPECT_EQ(view.header->switch_user, 1u);
  EXPECT_EQ(view.header->uid, 12u);
  EXPECT_EQ(view.header->gid, 34u);
  ASSERT_EQ(view.header->groups, 3u);
  EXPECT_EQ(view.groups[2], 78u);
  ASSERT_EQ(view.header->limits, 1u);
  EXPECT_EQ(view.limits[0].hard, 20u);
}

TEST(ShimSpecTest, EveryShorterPieceIsRefused) {
  auto whole = encode_shim_spec(example(), "boot", user_ids{1, 2, {2}});
  for (size_t size = 0; size < whole.size(); ++size) {
    exact_bytes piece{whole.substr(0, size)};
    EXPECT_FALSE(piece.parse()) << size;
  }
}

// Property: whatever the bytes are, parsing stays within them.
TEST(ShimSpecTest, DamagedBytesAreParsedWithinTheirBounds) {
  auto whole = encode_shim_spec(example(), "boot", user_ids{1, 2, {2}});
  for (uint32_t seed = 0; seed < 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    auto bytes = whole;
    for (auto changes = 1 + random() % 4; changes > 0; --changes) {
      // Counts of things stand in the first bytes.
      auto range = random() % 2 == 0 ? sizeof(shim::spec_header) : bytes.size();
      bytes[random() % range] = static_cast<char>(random());
    }
    exact_bytes damaged{bytes};
    if (!damaged.parse())
      continue;
    auto end = damaged.data.get() + damaged.size;
    auto& view = damaged.view;
    auto at = view.strings;
    for (auto left = uint64_t{view.header->arguments} + view.header->variables;
         left > 0; --left)
      at = shim::next_string(at);
    ASSERT_EQ(at, end);
    ASSERT_LE(reinterpret_cast<const char*>(view.groups + view.header->groups),
              end);
  }
}

TEST(RecordTextTest, WritesNumbersAndNeverOverruns) {
  shim::record_text text;
  text.add("a ").add(uint64_t{0}).add(" ").add(UINT64_MAX);
  EXPECT_EQ(text.view(), "a 0 18446744073709551615");
  for (int i = 0; i < 100; ++i)
    text.add("0123456789");
  EXPECT_EQ(text.view().size(), 512u);
}

} // namespace
} // namespace agora
