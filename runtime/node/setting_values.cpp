// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/node/setting_values.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace agora {

namespace {

struct unit {
  std::string_view name;
  int64_t factor;
};

// The largest first, for rendering.
constexpr std::array duration_units = {
  unit{"w", int64_t{7} * 24 * 3600 * 1'000'000'000},
  unit{"d", int64_t{24} * 3600 * 1'000'000'000},
  unit{"h", int64_t{3600} * 1'000'000'000},
  unit{"m", int64_t{60} * 1'000'000'000},
  unit{"s", 1'000'000'000},
  unit{"ms", 1'000'000},
  unit{"us", 1'000},
  unit{"ns", 1},
};

constexpr std::array size_units = {
  unit{"TiB", int64_t{1} << 40},
  unit{"GiB", int64_t{1} << 30},
  unit{"MiB", int64_t{1} << 20},
  unit{"KiB", int64_t{1} << 10},
  unit{"TB", 1'000'000'000'000},
  unit{"GB", 1'000'000'000},
  unit{"MB", 1'000'000},
  unit{"kB", 1'000},
  unit{"B", 1},
};

// Settings of over 100 years or 1 EiB are mistakes, and would overflow.
constexpr double longest_ns = 100.0 * 365 * 24 * 3600 * 1e9;
constexpr double largest_bytes = 1024.0 * 1024 * 1024 * 1024 * 1024 * 1024;

status bad(std::string_view text, std::string_view expected) {
  return fail(errc::invalid_config,
              "\"" + std::string{text} + "\" is not " + std::string{expected});
}

bool is_digit_or_point(char c) {
  return (c >= '0' && c <= '9') || c == '.';
}

// The leading "1.5" of `rest`, which is consumed.
std::optional<double> take_number(std::string_view& rest) {
  double value = 0;
  auto end = rest.data() + rest.size();
  auto [next, err]
    = std::from_chars(rest.data(), end, value, std::chars_format::fixed);
  if (err != std::errc{} || next == rest.data() || value < 0)
    return std::nullopt;
  rest.remove_prefix(static_cast<size_t>(next - rest.data()));
  return value;
}

// The leading unit of `rest`, which is consumed.
template <size_t N>
std::optional<int64_t> take_unit(std::string_view& rest,
                                 const std::array<unit, N>& units) {
  size_t length = 0;
  while (length < rest.size() && !is_digit_or_point(rest[length]))
    ++length;
  auto name = rest.substr(0, length);
  for (const auto& candidate : units) {
    if (candidate.name == name) {
      rest.remove_prefix(length);
      return candidate.factor;
    }
  }
  return std::nullopt;
}

} // namespace

result<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  constexpr std::string_view expected
    = "a duration such as 500ms, 75s, 10m or 1h30m";
  if (text == "0")
    return std::chrono::nanoseconds{0};
  double sum = 0;
  auto rest = text;
  do {
    auto number = take_number(rest);
    if (!number)
      return bad(text, expected);
    auto factor = take_unit(rest, duration_units);
    if (!factor)
      return bad(text, expected);
    sum += *number * static_cast<double>(*factor);
  } while (!rest.empty());
  if (!(sum <= longest_ns))
    return bad(text, "at most 100 years");
  return std::chrono::nanoseconds{std::llround(sum)};
}

std::string render_duration(std::chrono::nanoseconds value) {
  auto rest = value.count();
  if (rest <= 0)
    return "0s";
  // 75s reads better than 1m15s, and 36h better than 1d12h: several units only
  // where a single one leaves a number of four digits or more.
  for (const auto& candidate : duration_units)
    if (rest % candidate.factor == 0 && rest / candidate.factor < 1000)
      return std::to_string(rest / candidate.factor)
             + std::string{candidate.name};
  std::string text;
  for (const auto& candidate : duration_units) {
    if (auto count = rest / candidate.factor; count > 0) {
      text += std::to_string(count) + std::string{candidate.name};
      rest %= candidate.factor;
    }
  }
  return text;
}

result<byte_size> parse_byte_size(std::string_view text) {
  constexpr std::string_view expected = "a size such as 64MiB, 1.5GiB or 10GB";
  if (text == "0")
    return byte_size{0};
  auto rest = text;
  auto number = take_number(rest);
  if (!number)
    return bad(text, expected);
  auto factor = take_unit(rest, size_units);
  if (!factor || !rest.empty())
    return bad(text, expected);
  auto bytes = *number * static_cast<double>(*factor);
  if (!(bytes <= largest_bytes))
    return bad(text, "at most 1048576TiB");
  return byte_size{static_cast<uint64_t>(std::llround(bytes))};
}

std::string render_byte_size(byte_size value) {
  for (const auto& candidate : size_units) {
    auto factor = static_cast<uint64_t>(candidate.factor);
    auto is_binary = candidate.name.size() != 2;
    if (is_binary && value.bytes >= factor && value.bytes % factor == 0)
      return std::to_string(value.bytes / factor) + std::string{candidate.name};
  }
  return "0B";
}

result<bool> parse_switch(std::string_view text) {
  if (text == "true" || text == "yes" || text == "on" || text == "1")
    return true;
  if (text == "false" || text == "no" || text == "off" || text == "0")
    return false;
  return bad(text, "true or false");
}

result<int64_t> parse_integer(std::string_view text, int64_t min, int64_t max) {
  int64_t value = 0;
  auto end = text.data() + text.size();
  auto [next, err] = std::from_chars(text.data(), end, value);
  if (err == std::errc::invalid_argument || next != end)
    return bad(text, "a whole number");
  if (err != std::errc{} || value < min || value > max)
    return bad(text,
               "from " + std::to_string(min) + " to " + std::to_string(max));
  return value;
}

result<double> parse_number(std::string_view text) {
  double value = 0;
  auto end = text.data() + text.size();
  auto [next, err]
    = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (err != std::errc{} || next != end || !std::isfinite(value))
    return bad(text, "a number");
  return value;
}

std::string setting_codec<double>::render(double value) {
  // Without exponents, which are not read either: up to 309 digits before the
  // point, or 324 zeros behind it.
  std::array<char, 400> text{};
  auto end = std::to_chars(text.data(), text.data() + text.size(), value,
                           std::chars_format::fixed);
  return {text.data(), end.ptr};
}

} // namespace agora
