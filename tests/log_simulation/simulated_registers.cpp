// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/log_simulation/simulated_registers.hpp"

#include <cstdio>

namespace agora::log_simulation {

uint64_t mix(uint64_t before, const std::string& text) {
  // FNV-1a, 64 bits.
  auto hash = before ^ 0xcbf29ce484222325u;
  for (unsigned char byte : text)
    hash = (hash ^ byte) * 0x100000001b3u;
  return hash;
}

std::string command::encode() const {
  std::array<char, 128> text{};
  auto used
    = std::snprintf(text.data(), text.size(), "%u %llu %u %lld %llu", client,
                    static_cast<unsigned long long>(number), which,
                    expected ? static_cast<long long>(*expected) : -1LL,
                    static_cast<unsigned long long>(value));
  return {text.data(), static_cast<size_t>(used)};
}

command command::decode(const std::string& payload) {
  command result;
  unsigned long long number = 0;
  unsigned long long value = 0;
  auto expected = -1LL;
  std::sscanf(payload.c_str(), "%u %llu %u %lld %llu", &result.client, &number,
              &result.which, &expected, &value);
  result.number = number;
  result.value = value;
  if (expected >= 0)
    result.expected = static_cast<uint64_t>(expected);
  return result;
}

simulated_registers::outcome simulated_registers::apply(const command& what) {
  auto& last = last_[what.client];
  if (what.number <= last.number)
    return {false, last.written};
  auto& value = values_[what.which];
  last = {what.number, !what.expected || *what.expected == value};
  if (last.written)
    value = what.value;
  digest_ = mix(digest_, what.encode());
  return {true, last.written};
}

} // namespace agora::log_simulation
