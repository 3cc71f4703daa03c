// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace agora {

/// Where a node's gateway is reached.
struct node_address {
  /// A name or a numeric address; never empty.
  std::string host;
  uint16_t port = 0;

  friend bool operator==(const node_address&, const node_address&) = default;
};

/// Which master is reached where.
struct numbered_address {
  /// What people call it; at least 1.
  uint32_t number = 0;
  node_address address;

  friend bool operator==(const numbered_address&, const numbered_address&)
    = default;
};

/// "HOST:PORT", with brackets around a numeric IPv6 host.
std::string to_string(const node_address& address);

/// Reads "HOST:PORT" or "[IPV6]:PORT".
/// @returns errc::invalid_argument that says which part is wrong.
result<node_address> parse_address(std::string_view text);

/// Reads a list separated by commas.
/// @returns errc::invalid_argument that says which part is wrong; the list may
///          not be empty.
result<std::vector<node_address>> parse_addresses(std::string_view text);

/// "1=HOST:PORT".
std::string to_string(const numbered_address& address);

/// Reads "1=HOST:PORT,2=HOST:PORT,...".
/// @returns errc::invalid_argument that says which part is wrong, or which
///          number or address comes twice; the list may not be empty.
result<std::vector<numbered_address>>
parse_numbered_addresses(std::string_view text);

} // namespace agora
