// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/attributes.hpp"

#include "runtime/resources/text_reader.hpp"
#include "runtime/base/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

namespace agora {

namespace {

constexpr std::string_view separators = ";\n";
constexpr std::string_view brackets = "[]{}";

/// Reads what is no list: a number, or text.
status read_plain(text_reader& reader, v1::Attribute& to) {
  auto token = reader.until({});
  if (token.empty())
    return reader.wrong("the value of the attribute is missing");
  if (token.size() > attribute_bytes_limit)
    return reader.wrong("the value " + quoted(token) + " is longer than "
                        + std::to_string(attribute_bytes_limit) + " bytes");
  if (token.find_first_of(brackets) != std::string_view::npos)
    return reader.wrong("the value " + quoted(token)
                        + " has a bracket that is not its first character");
  auto number = parse_decimal(token);
  if (number && !std::signbit(*number)) {
    to.set_type(v1::Value::SCALAR);
    to.mutable_scalar()->set_value(*number);
  } else {
    to.set_type(v1::Value::TEXT);
    to.mutable_text()->set_value(std::string{token});
  }
  return {};
}

status read_value(text_reader& reader, v1::Attribute& to) {
  switch (reader.peek()) {
    case '[': {
      auto numbers = reader.read_ranges();
      if (!numbers)
        return std::move(numbers.error());
      to.set_type(v1::Value::RANGES);
      to.mutable_ranges();
      for (auto& item : numbers->intervals()) {
        auto range = to.mutable_ranges()->add_range();
        range->set_begin(item.first);
        range->set_end(item.last);
      }
      return reader.expect_end();
    }
    case '{':
      reader.skip('{');
      return reader.wrong("an attribute cannot be a set");
    default:
      return read_plain(reader, to);
  }
}

status read_one(text_reader& reader, v1::Attribute& to) {
  auto name = reader.until(":");
  if (name.empty())
    return reader.wrong("expected the name of an attribute");
  if (name.size() > attribute_bytes_limit)
    return reader.wrong("the name " + quoted(name) + " is longer than "
                        + std::to_string(attribute_bytes_limit) + " bytes");
  to.set_name(std::string{name});
  if (auto err = reader.expect(':'))
    return err;
  return read_value(reader, to);
}

result<ranges> ranges_of(const v1::Attribute& from) {
  std::vector<interval> list;
  for (auto& range : from.ranges().range())
    list.push_back({range.begin(), range.end()});
  return ranges::from_overlapping(std::move(list));
}

/// Whether `text`, standing for a name or value, reads back as it is.
bool is_token(std::string_view text, std::string_view forbidden) {
  text_reader reader{text, errc::invalid_argument};
  return !text.empty() && text.size() <= attribute_bytes_limit
         && text.find_first_of(forbidden) == std::string_view::npos
         && is_utf8(text) && reader.until({}) == text;
}

/// What is wrong with the value of `from`, or null.
const char* wrong_value(const v1::Attribute& from) {
  switch (from.type()) {
    case v1::Value::SCALAR:
      if (!from.has_scalar() || !std::isfinite(from.scalar().value())
          || std::signbit(from.scalar().value()))
        return "needs a scalar that is finite and not negative";
      return nullptr;
    case v1::Value::RANGES:
      if (!from.has_ranges() || !ranges_of(from))
        return "needs ranges that are not inverted, nor too many";
      return nullptr;
    case v1::Value::TEXT: {
      auto& text = from.text().value();
      if (!is_token(text, "[]{};\n"))
        return "needs a text that is UTF-8, not empty nor too long, with no "
               "space at "
               "its ends and none of []{};";
      auto number = parse_decimal(text);
      if (number && !std::signbit(*number))
        return "has a number as its text";
      return nullptr;
    }
    default:
      return "cannot be a set";
  }
}

/// The shortest digits that read back as the same number, without exponent
/// where people would not write one.
std::string shown_number(double value) {
  std::array<char, 400> digits; // the longest fixed double has 309 digits
  auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return {digits.data(), end.ptr};
}

} // namespace

result<wire_attributes> parse_attributes(std::string_view text) {
  if (auto err = text_reader{text, errc::invalid_argument}.check_text())
    return err;
  wire_attributes list;
  for (size_t begin = 0, end = 0; begin < text.size(); begin = end + 1) {
    end = std::min(text.find_first_of(separators, begin), text.size());
    text_reader reader{text.substr(begin, end - begin), errc::invalid_argument,
                       begin};
    if (reader.at_end())
      continue; // "a:1;" and empty lines are common, and harmless
    if (static_cast<size_t>(list.size()) == attributes_limit)
      return reader.wrong("more than " + std::to_string(attributes_limit)
                          + " attributes");
    if (auto err = read_one(reader, *list.Add()))
      return err;
  }
  return list;
}

status check_attributes(const wire_attributes& list) {
  if (static_cast<size_t>(list.size()) > attributes_limit)
    return fail(errc::invalid_argument, "more than "
                                          + std::to_string(attributes_limit)
                                          + " attributes");
  for (int i = 0; i < list.size(); ++i) {
    auto& item = list.Get(i);
    auto place = "attributes[" + std::to_string(i) + "]";
    if (!is_token(item.name(), ":;\n"))
      return fail(
        errc::invalid_argument,
        place
          + ": needs a name that is UTF-8, not empty nor too long, with "
            "no space at its ends and none of :;");
    if (!item.has_type())
      return fail(errc::invalid_argument,
                  place + " " + quoted(item.name()) + ": has no type");
    if (auto wrong = wrong_value(item))
      return fail(errc::invalid_argument,
                  place + " " + quoted(item.name()) + ": " + wrong);
  }
  return {};
}

std::string to_string(const wire_attributes& list) {
  std::string text;
  for (auto& item : list) {
    if (!text.empty())
      text += ';';
    text += item.name() + ":";
    if (item.type() == v1::Value::SCALAR)
      text += shown_number(item.scalar().value());
    else if (item.type() == v1::Value::TEXT)
      text += item.text().value();
    else if (auto numbers = ranges_of(item))
      text += to_string(*numbers);
  }
  return text;
}

} // namespace agora
