// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace agora {

/// How often each word occurs. A word is a longest run of the letters A to Z
/// and a to z, in lower case; everything else, and the end of each file,
/// separates words. With LC_ALL=C, that is what
///
///     for file; do cat "$file"; echo; done | tr -cs 'A-Za-z' '\n' |
///       tr 'A-Z' 'a-z' | sed '/^$/d' | sort | uniq -c | sed 's/^ *//'
///
/// prints, line by line.
class word_counts {
public:
  /// Adds `times` occurrences of a word, which is taken as it is.
  void add(std::string_view word, uint64_t times = 1);

  /// Adds what `other` has counted.
  void merge(const word_counts& other);

  /// Different words.
  size_t size() const {
    return counts_.size();
  }

  /// Occurrences, all together.
  uint64_t total() const {
    return total_;
  }

  const std::map<std::string, uint64_t, std::less<>>& counts() const {
    return counts_;
  }

  friend bool operator==(const word_counts&, const word_counts&) = default;

private:
  std::map<std::string, uint64_t, std::less<>> counts_;
  uint64_t total_ = 0;
};

/// Counts the words of one file that comes in pieces.
class word_splitter {
public:
  /// A longer run of letters counts as several words of this length: no file
  /// can make the counter hold all of it.
  static constexpr size_t word_bytes_limit = size_t{1} << 20;

  /// The next piece; a word may go on from one to the next.
  void take(std::string_view piece, word_counts& into);

  /// The file has ended.
  void finish(word_counts& into);

private:
  std::string word_;
};

/// Counts the words of a file.
/// @returns errc::not_found, errc::permission_denied or errc::io_failed, with
///          the path.
result<word_counts> count_file(const std::string& path);

/// "word\tcount\n" for each word, in the order of bytes: how counts travel.
std::string encode(const word_counts& counts);

/// @returns errc::malformed_message, naming the line.
result<word_counts> decode_counts(std::string_view text);

/// "count word\n" for each word, in the order of bytes: how counts are printed.
std::string to_text(const word_counts& counts);

} // namespace agora
