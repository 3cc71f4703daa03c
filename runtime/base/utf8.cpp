// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/utf8.hpp"

#include <cstddef>

namespace agora {

namespace {

// The length of the well-formed sequence at the head of `text`, which is not
// empty; 0 if there is none.
size_t sequence_length(std::string_view text) {
  auto at = [text](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  auto continues = [at](size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return at(i) >= low && at(i) <= high;
  };
  auto lead = at(0);
  if (lead < 0x80)
    return 1;
  if (lead >= 0xC2 && lead <= 0xDF)
    return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    // Neither overlong nor a surrogate.
    auto low = lead == 0xE0 ? 0xA0u : 0x80u;
    auto high = lead == 0xED ? 0x9Fu : 0xBFu;
    return continues(1, low, high) && continues(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    // Neither overlong nor beyond U+10FFFF.
    auto low = lead == 0xF0 ? 0x90u : 0x80u;
    auto high = lead == 0xF4 ? 0x8Fu : 0xBFu;
    return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

} // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    auto length = sequence_length(text);
    if (length == 0)
      return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string valid_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    auto length = sequence_length(text);
    if (length > 0) {
      valid += text.substr(0, length);
      text.remove_prefix(length);
    } else {
      valid += "\xEF\xBF\xBD";
      text.remove_prefix(1);
    }
  }
  return valid;
}

} // namespace agora
