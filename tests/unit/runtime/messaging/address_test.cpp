// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/messaging/address.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

TEST(address, reads_what_it_writes) {
  for (auto text : {"localhost:1", "127.0.0.1:65535", "[::1]:5050",
                    "[fe80::1%eth0]:80", "master-1.example.org:5050"}) {
    auto address = parse_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(to_string(*address), text);
  }
}

TEST(address, keeps_host_and_port) {
  auto address = parse_address("[::1]:5050");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->host, "::1");
  EXPECT_EQ(address->port, 5050);
}

TEST(address, says_what_is_wrong) {
  struct {
    const char* text;
    const char* why;
  } wrong[] = {
    {"", "there is no port"},
    {"host", "there is no port"},
    {":", "the host is empty"},
    {":5050", "the host is empty"},
    {"[]:5050", "the host is empty"},
    {"::1:5050", "an IPv6 address needs brackets"},
    {"[::1]", "the bracket is not closed"},
    {"[::1:5050", "the bracket is not closed"},
    {"[:5050", "the bracket is not closed"},
    {"host]:5050", "the host has a bracket, space or slash"},
    {"[[::1]]:5050", "the host has a bracket, space or slash"},
    {"http://host:5050", "an IPv6 address needs brackets"},
    {"ho st:5050", "the host has a bracket, space or slash"},
    {" host:5050", "the host has a bracket, space or slash"},
    {"host/:5050", "the host has a bracket, space or slash"},
    {"host:", "the port is not a number from 1 to 65535"},
    {"host:0", "the port is not a number from 1 to 65535"},
    {"host:65536", "the port is not a number from 1 to 65535"},
    {"host:99999999999999999999", "the port is not a number from 1 to 65535"},
    {"host:-1", "the port is not a number from 1 to 65535"},
    {"host:+1", "the port is not a number from 1 to 65535"},
    {"host:80x", "the port is not a number from 1 to 65535"},
    {"host: 80", "the port is not a number from 1 to 65535"},
    {"host:0x50", "the port is not a number from 1 to 65535"},
  };
  for (auto& [text, why] : wrong) {
    auto address = parse_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(code_of(address.error()), errc::invalid_argument);
    EXPECT_EQ(text_of(address.error()),
              "\"" + std::string{text} + "\" is not HOST:PORT: " + why);
  }
}

TEST(address, a_host_with_a_nul_is_refused) {
  using namespace std::string_view_literals;
  EXPECT_FALSE(parse_address("localhost\0evil:80"sv));
}

TEST(address, reads_a_list) {
  auto all = parse_addresses("a:1,[::1]:2");
  ASSERT_TRUE(all);
  EXPECT_EQ(*all, (std::vector<node_address>{{"a", 1}, {"::1", 2}}));
}

TEST(address, one_wrong_address_spoils_the_list) {
  for (auto text : {"", ",", "a:1,", ",a:1", "a:1,,b:2", "a:1, b:2", "a:1,b"})
    EXPECT_FALSE(parse_addresses(text)) << text;
}

} // namespace
} // namespace agora
