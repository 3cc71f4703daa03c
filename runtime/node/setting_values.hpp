// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/messaging/address.hpp"

#include <chrono>
#include <compare>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The values that settings take, as people write them: with their units.

namespace agora {

/// An amount of memory or disk.
struct byte_size {
  uint64_t bytes = 0;

  friend auto operator<=>(const byte_size&, const byte_size&) = default;
};

/// Reads "75s", "1.5h" or "1h30m"; units are ns, us, ms, s, m, h, d, w. Only
/// zero may stand without one. Fails: errc::invalid_config.
result<std::chrono::nanoseconds> parse_duration(std::string_view text);

/// "1h30m", "75s": the shortest form that parse_duration reads back.
std::string render_duration(std::chrono::nanoseconds value);

/// Reads "64MiB", "1.5GiB" or "10GB"; units are B, KiB, MiB, GiB, TiB in powers
/// of 1024 and kB, MB, GB, TB in powers of 1000. Only zero may stand without
/// one. Fails: errc::invalid_config.
result<byte_size> parse_byte_size(std::string_view text);

/// "64MiB": in the largest binary unit that leaves no fraction.
std::string render_byte_size(byte_size value);

/// Reads true, yes, on, 1, false, no, off, 0. Fails: errc::invalid_config.
result<bool> parse_switch(std::string_view text);

/// Reads a whole number from `min` to `max`. Fails: errc::invalid_config.
result<int64_t> parse_integer(std::string_view text, int64_t min, int64_t max);

/// Reads a finite decimal number. Fails: errc::invalid_config.
result<double> parse_number(std::string_view text);

/// How a setting of type T is read and shown. The primary template is not
/// defined: a type without units of its own has no place among settings.
template <class T>
struct setting_codec;

template <>
struct setting_codec<std::string> {
  static constexpr std::string_view type_name = "TEXT";

  static result<std::string> parse(std::string_view text) {
    return std::string{text};
  }

  static std::string render(const std::string& value) {
    return value;
  }
};

template <>
struct setting_codec<std::filesystem::path> {
  static constexpr std::string_view type_name = "PATH";

  static result<std::filesystem::path> parse(std::string_view text) {
    if (text.empty())
      return fail(errc::invalid_config, "a path must not be empty");
    return std::filesystem::path{text};
  }

  static std::string render(const std::filesystem::path& value) {
    return value.string();
  }
};

template <>
struct setting_codec<bool> {
  static constexpr std::string_view type_name = "";

  static result<bool> parse(std::string_view text) {
    return parse_switch(text);
  }

  static std::string render(bool value) {
    return value ? "true" : "false";
  }
};

template <std::integral T>
struct setting_codec<T> {
  static constexpr std::string_view type_name = "N";

  static result<T> parse(std::string_view text) {
    constexpr auto most = std::numeric_limits<int64_t>::max();
    constexpr auto max = std::cmp_less(std::numeric_limits<T>::max(), most)
                           ? static_cast<int64_t>(std::numeric_limits<T>::max())
                           : most;
    auto value = parse_integer(
      text, static_cast<int64_t>(std::numeric_limits<T>::min()), max);
    if (!value)
      return value.error();
    return static_cast<T>(*value);
  }

  static std::string render(T value) {
    return std::to_string(value);
  }
};

template <>
struct setting_codec<double> {
  static constexpr std::string_view type_name = "NUMBER";

  static result<double> parse(std::string_view text) {
    return parse_number(text);
  }

  /// Without the zeros at the end that std::to_string leaves.
  static std::string render(double value);
};

template <class Rep, class Period>
struct setting_codec<std::chrono::duration<Rep, Period>> {
  using duration = std::chrono::duration<Rep, Period>;
  static constexpr std::string_view type_name = "TIME";

  static result<duration> parse(std::string_view text) {
    auto value = parse_duration(text);
    if (!value)
      return value.error();
    auto rounded = std::chrono::duration_cast<duration>(*value);
    if (rounded != *value)
      return fail(errc::invalid_config,
                  "is finer than "
                    + render_duration(std::chrono::nanoseconds{duration{1}}));
    return rounded;
  }

  static std::string render(duration value) {
    return render_duration(
      std::chrono::duration_cast<std::chrono::nanoseconds>(value));
  }
};

template <>
struct setting_codec<byte_size> {
  static constexpr std::string_view type_name = "SIZE";

  static result<byte_size> parse(std::string_view text) {
    return parse_byte_size(text);
  }

  static std::string render(byte_size value) {
    return render_byte_size(value);
  }
};

template <>
struct setting_codec<node_address> {
  static constexpr std::string_view type_name = "HOST:PORT";

  static result<node_address> parse(std::string_view text) {
    return parse_address(text);
  }

  static std::string render(const node_address& value) {
    return to_string(value);
  }
};

/// Where a node listens: port 0 leaves the choice to the node.
struct listen_address : node_address {};

template <>
struct setting_codec<listen_address> {
  static constexpr std::string_view type_name = "HOST:PORT";

  static result<listen_address> parse(std::string_view text) {
    // An address to dial has no port 0, so it is read as another one.
    auto is_any = text.ends_with(":0");
    auto host = text.substr(0, text.size() - (is_any ? 1 : 0));
    auto address = parse_address(std::string{host} + (is_any ? "1" : ""));
    if (!address)
      return address.error();
    if (is_any)
      address->port = 0;
    return listen_address{std::move(*address)};
  }

  static std::string render(const listen_address& value) {
    return to_string(value);
  }
};

/// Several values in one text, with commas between them.
template <>
struct setting_codec<std::vector<node_address>> {
  static constexpr std::string_view type_name = "HOST:PORT,...";

  static result<std::vector<node_address>> parse(std::string_view text) {
    return parse_addresses(text);
  }

  static std::string render(const std::vector<node_address>& value) {
    std::string text;
    for (const auto& address : value)
      text += (text.empty() ? "" : ",") + to_string(address);
    return text;
  }
};

template <>
struct setting_codec<std::vector<numbered_address>> {
  static constexpr std::string_view type_name = "N=HOST:PORT,...";

  static result<std::vector<numbered_address>> parse(std::string_view text) {
    return parse_numbered_addresses(text);
  }

  static std::string render(const std::vector<numbered_address>& value) {
    std::string text;
    for (const auto& address : value)
      text += (text.empty() ? "" : ",") + to_string(address);
    return text;
  }
};

/// A setting that may be left out altogether.
template <class T>
struct setting_codec<std::optional<T>> {
  static constexpr std::string_view type_name = setting_codec<T>::type_name;

  static result<std::optional<T>> parse(std::string_view text) {
    auto value = setting_codec<T>::parse(text);
    if (!value)
      return value.error();
    return std::optional<T>{std::move(*value)};
  }

  static std::string render(const std::optional<T>& value) {
    return value ? setting_codec<T>::render(*value) : std::string{};
  }
};

} // namespace agora
