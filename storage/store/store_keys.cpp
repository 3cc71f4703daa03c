// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/store/store_keys.hpp"

#include "runtime/base/check.hpp"

namespace agora::store_keys {

void append_number(std::string& key, uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8)
    key.push_back(static_cast<char>(number >> shift));
}

std::string numbered(std::string_view space, uint64_t number) {
  std::string key;
  key.reserve(space.size() + sizeof(number));
  key += space;
  append_number(key, number);
  return key;
}

std::optional<uint64_t> trailing_number(std::string_view key) {
  if (key.size() < sizeof(uint64_t))
    return std::nullopt;
  uint64_t number = 0;
  for (auto byte : key.substr(key.size() - sizeof(uint64_t)))
    number = number << 8 | static_cast<uint8_t>(byte);
  return number;
}

std::string end_of_prefix(std::string_view prefix) {
  std::string end{prefix};
  while (!end.empty() && static_cast<uint8_t>(end.back()) == 0xff)
    end.pop_back();
  if (!end.empty())
    end.back() = static_cast<char>(static_cast<uint8_t>(end.back()) + 1);
  return end;
}

std::string nested(std::string_view parent, std::string_view name) {
  AGORA_CHECK(name.find('/') == std::string_view::npos);
  std::string space{parent};
  space += name;
  space += '/';
  return space;
}

} // namespace agora::store_keys
