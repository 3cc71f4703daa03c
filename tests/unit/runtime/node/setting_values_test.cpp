// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/node/setting_values.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

using namespace std::chrono_literals;

TEST(durations, are_read_with_their_units) {
  EXPECT_EQ(parse_duration("75s"), std::chrono::nanoseconds{75s});
  EXPECT_EQ(parse_duration("500ms"), std::chrono::nanoseconds{500ms});
  EXPECT_EQ(parse_duration("1.5h"), std::chrono::nanoseconds{90min});
  EXPECT_EQ(parse_duration("1h30m"), std::chrono::nanoseconds{90min});
  EXPECT_EQ(parse_duration("1w"), std::chrono::nanoseconds{168h});
  EXPECT_EQ(parse_duration("7ns"), 7ns);
  EXPECT_EQ(parse_duration("0"), 0ns);
}

TEST(durations, refuse_what_is_none) {
  for (auto text : {"", "75", "s", "75 s", "-1s", "1x", "1s2", "infs", "nans",
                    "101000w", "1e3s", "+1s", "1.2.3s"})
    EXPECT_EQ(code_of(parse_duration(text).error()), errc::invalid_config)
      << text;
}

TEST(durations, are_shown_as_they_are_read) {
  EXPECT_EQ(render_duration(75s), "75s");
  EXPECT_EQ(render_duration(90min), "90m");
  EXPECT_EQ(render_duration(168h), "1w");
  EXPECT_EQ(render_duration(1500ms), "1s500ms");
  EXPECT_EQ(render_duration(3661s), "1h1m1s");
  EXPECT_EQ(render_duration(0s), "0s");
  for (auto value : {1ns, 999ns, 1001ns, 123456789123ns})
    EXPECT_EQ(parse_duration(render_duration(value)), value);
}

TEST(sizes, are_read_with_their_units) {
  EXPECT_EQ(parse_byte_size("64MiB"), byte_size{64u << 20});
  EXPECT_EQ(parse_byte_size("1.5KiB"), byte_size{1536});
  EXPECT_EQ(parse_byte_size("10GB"), byte_size{10'000'000'000});
  EXPECT_EQ(parse_byte_size("12B"), byte_size{12});
  EXPECT_EQ(parse_byte_size("0"), byte_size{0});
}

TEST(sizes, refuse_what_is_none) {
  for (auto text : {"", "64", "MiB", "64 MiB", "-1MiB", "64mib", "1MiB2",
                    "99999999TiB", "nanB"})
    EXPECT_EQ(code_of(parse_byte_size(text).error()), errc::invalid_config)
      << text;
}

TEST(sizes, are_shown_as_they_are_read) {
  EXPECT_EQ(render_byte_size({64u << 20}), "64MiB");
  EXPECT_EQ(render_byte_size({1536}), "1536B");
  EXPECT_EQ(render_byte_size({2048}), "2KiB");
  EXPECT_EQ(render_byte_size({0}), "0B");
}

TEST(numbers, are_within_the_range_of_their_type) {
  EXPECT_EQ(setting_codec<uint16_t>::parse("65535"), uint16_t{65535});
  EXPECT_FALSE(setting_codec<uint16_t>::parse("65536"));
  EXPECT_FALSE(setting_codec<uint32_t>::parse("-1"));
  EXPECT_FALSE(setting_codec<int>::parse("12x"));
  EXPECT_FALSE(setting_codec<uint64_t>::parse("99999999999999999999"));
  EXPECT_EQ(setting_codec<double>::parse("0.5"), 0.5);
  EXPECT_FALSE(setting_codec<double>::parse("inf"));
  EXPECT_FALSE(setting_codec<double>::parse("nan"));
  EXPECT_EQ(setting_codec<double>::render(0.5), "0.5");
}

TEST(addresses, to_listen_on_may_leave_the_port_open) {
  using codec = setting_codec<listen_address>;
  auto any = codec::parse("[::1]:0");
  ASSERT_TRUE(any) << text_of(any.error());
  EXPECT_EQ(any->host, "::1");
  EXPECT_EQ(any->port, 0);
  EXPECT_EQ(codec::parse("127.0.0.1:7050")->port, 7050);
  for (auto text : {":0", "0", "", "127.0.0.1", "127.0.0.1:65536"})
    EXPECT_FALSE(codec::parse(text)) << text;
}

TEST(durations, finer_than_their_setting_are_refused) {
  EXPECT_FALSE(setting_codec<std::chrono::seconds>::parse("1500ms"));
  EXPECT_EQ(setting_codec<std::chrono::seconds>::parse("2000ms"), 2s);
}

} // namespace
} // namespace agora
