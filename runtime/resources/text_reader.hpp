// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/resources/ranges.hpp"
#include "runtime/resources/string_set.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace agora {

/// Reads the text forms of resources and attributes from left to right. Every
/// error says where: "character 6: expected ':', found '='". White space is
/// allowed between tokens and is not part of them.
class text_reader {
public:
  /// Characters that a text may have: more is a mistake, not a machine.
  static constexpr size_t text_bytes_limit = 1024 * 1024;

  /// @param code What all errors of this reader are.
  /// @param offset Where `text` begins in what the user wrote.
  text_reader(std::string_view text, errc code, size_t offset = 0)
    : text_{text}, code_{code}, offset_{offset} {
  }

  /// Skips white space and tells whether the text ends there.
  bool at_end();

  /// Skips white space and returns the next character, or 0 at the end.
  char peek();

  /// Skips white space, then `c` if it comes next; tells whether it did.
  bool skip(char c);

  /// As skip, but fails if something else comes.
  status expect(char c);

  /// Fails unless only white space is left.
  status expect_end();

  /// Reads up to one of `stops` or the end, without white space at either
  /// side; may be empty.
  std::string_view until(std::string_view stops);

  /// Reads "[1-2,5-9]"; numbers may overlap and touch.
  result<ranges> read_ranges();

  /// Reads "{a,b}".
  result<string_set> read_set();

  /// Fails if the text is longer than text_bytes_limit or not UTF-8.
  status check_text() const;

  /// The error that `text` is wrong at the token that was read last.
  status wrong(std::string_view text) const;

private:
  void skip_space();

  /// The error that `wanted` was expected at the current place.
  status unexpected(std::string_view wanted);

  result<uint64_t> read_number();

  std::string_view text_;
  errc code_;
  size_t offset_;
  size_t next_ = 0;

  /// Where the token that was read last begins.
  size_t token_ = 0;
};

/// Reads a finite decimal number such as "4", "0.5" or "1e3" that takes up all
/// of `token`; nothing if it is anything else.
std::optional<double> parse_decimal(std::string_view token);

/// `token` in quotes, cut and with control characters replaced, for errors.
std::string quoted(std::string_view token);

} // namespace agora
