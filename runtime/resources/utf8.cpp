// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/utf8.hpp"

#include <cstddef>
#include <cstdint>

namespace agora {

namespace {

/// How many bytes a sequence has that begins with `lead`; 0 if none does.
size_t sequence_length(uint8_t lead) {
  if (lead < 0x80)
    return 1;
  if (lead >= 0xc2 && lead <= 0xdf)
    return 2;
  if (lead >= 0xe0 && lead <= 0xef)
    return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/// Whether `second` may follow `lead`; some leads narrow the usual 80..BF to
/// keep out longer forms, surrogates and what is above U+10FFFF.
bool may_follow(uint8_t lead, uint8_t second) {
  auto low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  auto high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  return second >= low && second <= high;
}

} // namespace

bool is_utf8(std::string_view text) {
  auto byte = [text](size_t i) {
    return static_cast<uint8_t>(text[i]);
  };
  for (size_t i = 0; i < text.size();) {
    auto lead = byte(i);
    auto length = sequence_length(lead);
    if (length == 0 || length > text.size() - i)
      return false;
    for (size_t k = 1; k < length; ++k)
      if (!may_follow(k == 1 ? lead : 0x80, byte(i + k)))
        return false;
    i += length;
  }
  return true;
}

} // namespace agora
