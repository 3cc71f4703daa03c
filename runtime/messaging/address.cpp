// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/messaging/address.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace agora {

namespace {

status invalid(std::string_view text, const char* why) {
  return fail(errc::invalid_argument,
              "\"" + std::string{text} + "\" is not HOST:PORT: " + why);
}

} // namespace

std::string to_string(const node_address& address) {
  auto numeric_v6 = address.host.find(':') != std::string::npos;
  return (numeric_v6 ? "[" + address.host + "]" : address.host) + ":"
         + std::to_string(address.port);
}

result<node_address> parse_address(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return invalid(text, "there is no port");
  auto host = text.substr(0, colon);
  auto digits = text.substr(colon + 1);
  if (host.starts_with('[')) {
    if (!host.ends_with(']'))
      return invalid(text, "the bracket is not closed");
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return invalid(text, "an IPv6 address needs brackets");
  }
  if (host.empty())
    return invalid(text, "the host is empty");
  auto unfit = [](unsigned char c) {
    return c <= ' ' || c == 0x7f || c == '/' || c == '[' || c == ']';
  };
  if (std::any_of(host.begin(), host.end(), unfit))
    return invalid(text, "the host has a bracket, space or slash");
  uint32_t port = 0;
  auto end = digits.data() + digits.size();
  auto [rest, error] = std::from_chars(digits.data(), end, port);
  if (error != std::errc{} || rest != end || port == 0 || port > 65'535)
    return invalid(text, "the port is not a number from 1 to 65535");
  return node_address{std::string{host}, static_cast<uint16_t>(port)};
}

result<std::vector<node_address>> parse_addresses(std::string_view text) {
  std::vector<node_address> all;
  for (;;) {
    auto comma = text.find(',');
    auto one = parse_address(text.substr(0, comma));
    if (!one)
      return std::move(one.error());
    all.push_back(std::move(*one));
    if (comma == std::string_view::npos)
      return all;
    text.remove_prefix(comma + 1);
  }
}

std::string to_string(const numbered_address& address) {
  return std::to_string(address.number) + "=" + to_string(address.address);
}

result<std::vector<numbered_address>>
parse_numbered_addresses(std::string_view text) {
  std::vector<numbered_address> all;
  for (;;) {
    auto comma = text.find(',');
    auto item = text.substr(0, comma);
    auto equals = item.find('=');
    numbered_address one;
    auto end = item.data() + std::min(equals, item.size());
    auto [rest, error] = std::from_chars(item.data(), end, one.number);
    if (equals == std::string_view::npos || error != std::errc{} || rest != end
        || one.number == 0)
      return fail(errc::invalid_argument,
                  "\"" + std::string{item}
                    + "\" is not NUMBER=HOST:PORT with a number from 1");
    auto address = parse_address(item.substr(equals + 1));
    if (!address)
      return std::move(address.error());
    one.address = std::move(*address);
    for (auto& other : all)
      if (other.number == one.number || other.address == one.address)
        return fail(errc::invalid_argument,
                    to_string(other) + " and " + to_string(one)
                      + ": numbers and addresses must differ");
    all.push_back(std::move(one));
    if (comma == std::string_view::npos)
      return all;
    text.remove_prefix(comma + 1);
  }
}

} // namespace agora
