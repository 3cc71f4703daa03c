// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/text_reader.hpp"

#include "runtime/base/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

namespace agora {

namespace {

constexpr std::string_view white_space = " \t\r\n";

/// How much of a token an error shows.
constexpr size_t shown_bytes_limit = 40;

} // namespace

status text_reader::check_text() const {
  if (text_.size() > text_bytes_limit)
    return wrong("the text is longer than " + std::to_string(text_bytes_limit)
                 + " bytes");
  if (!is_utf8(text_))
    return wrong("the text is not UTF-8");
  return {};
}

bool text_reader::at_end() {
  skip_space();
  return next_ == text_.size();
}

char text_reader::peek() {
  return at_end() ? '\0' : text_[next_];
}

bool text_reader::skip(char c) {
  if (at_end() || text_[next_] != c)
    return false;
  token_ = next_++;
  return true;
}

status text_reader::expect(char c) {
  if (skip(c))
    return {};
  return unexpected(std::string{"'"} + c + "'");
}

status text_reader::expect_end() {
  return at_end() ? status{} : unexpected("the end");
}

std::string_view text_reader::until(std::string_view stops) {
  skip_space();
  token_ = next_;
  next_ = std::min(text_.find_first_of(stops, next_), text_.size());
  auto token = text_.substr(token_, next_ - token_);
  auto last = token.find_last_not_of(white_space);
  return token.substr(0, last + 1); // npos + 1 is 0
}

result<ranges> text_reader::read_ranges() {
  if (auto err = expect('['))
    return err;
  auto begin = token_;
  std::vector<interval> list;
  while (!skip(']')) {
    if (!list.empty())
      if (auto err = expect(','))
        return err;
    auto first = read_number();
    if (!first)
      return std::move(first.error());
    if (auto err = expect('-'))
      return err;
    auto last = read_number();
    if (!last)
      return std::move(last.error());
    list.push_back({*first, *last});
  }
  auto made = ranges::from_overlapping(std::move(list));
  if (made)
    return made;
  token_ = begin;
  return wrong(text_of(made.error()));
}

result<string_set> text_reader::read_set() {
  if (auto err = expect('{'))
    return err;
  auto begin = token_;
  std::vector<std::string> list;
  while (!skip('}')) {
    if (!list.empty())
      if (auto err = expect(','))
        return err;
    auto item = until(",{}[];");
    if (item.empty())
      return unexpected("an item");
    list.emplace_back(item);
  }
  auto made = string_set::from_items(std::move(list));
  if (made)
    return made;
  token_ = begin;
  return wrong(text_of(made.error()));
}

status text_reader::wrong(std::string_view text) const {
  return fail(code_, "character " + std::to_string(offset_ + token_ + 1) + ": "
                       + std::string{text});
}

void text_reader::skip_space() {
  next_ = std::min(text_.find_first_not_of(white_space, next_), text_.size());
}

status text_reader::unexpected(std::string_view wanted) {
  skip_space();
  token_ = next_;
  auto found = next_ == text_.size() ? std::string{"the end"}
                                     : quoted(text_.substr(next_, 1));
  return wrong("expected " + std::string{wanted} + ", found " + found);
}

result<uint64_t> text_reader::read_number() {
  skip_space();
  uint64_t number = 0;
  auto begin = text_.data() + next_;
  auto [end, error]
    = std::from_chars(begin, text_.data() + text_.size(), number);
  if (error == std::errc::invalid_argument)
    return unexpected("a whole number that is not negative");
  token_ = next_;
  next_ += static_cast<size_t>(end - begin);
  if (error != std::errc{})
    return wrong("the number "
                 + quoted({begin, static_cast<size_t>(end - begin)})
                 + " is above 2^64-1");
  return number;
}

std::optional<double> parse_decimal(std::string_view token) {
  double value = 0;
  auto end = token.data() + token.size();
  auto [stopped, error] = std::from_chars(token.data(), end, value);
  if (error != std::errc{} || stopped != end || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::string quoted(std::string_view token) {
  std::string text{token.substr(0, shown_bytes_limit)};
  for (auto& c : text)
    if ((c >= 0 && c < ' ') || c == '\x7f')
      c = '?';
  return "'" + text + (token.size() > shown_bytes_limit ? "...'" : "'");
}

} // namespace agora
