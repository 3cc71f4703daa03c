// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

// A fuzz target defines LLVMFuzzerTestOneInput: whatever the bytes are, it
// returns 0, or the process aborts, and that is a find. The same file is built
// in two ways: with libFuzzer, which looks for such bytes (tools/fuzz), and
// with replay_main.cpp, which shows it the corpus again with every run of the
// tests.

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace agora::fuzz {

inline std::string_view text_of(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Takes the first byte of `input` as a number below `count`; 0 if it is empty.
inline size_t take_choice(std::string_view& input, size_t count) {
  if (input.empty())
    return 0;
  auto choice = static_cast<uint8_t>(input.front()) % count;
  input.remove_prefix(1);
  return choice;
}

/// Takes a part of `input` whose length stands in its first two bytes, the
/// lower one first; less if there is less.
inline std::string_view take_part(std::string_view& input) {
  size_t length = 0;
  for (int shift : {0, 8})
    if (!input.empty()) {
      length |= static_cast<size_t>(static_cast<uint8_t>(input.front()))
                << shift;
      input.remove_prefix(1);
    }
  auto part = input.substr(0, length);
  input.remove_prefix(part.size());
  return part;
}

} // namespace agora::fuzz
