// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora/human.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>

namespace agora {

namespace {

struct time_unit {
  int64_t seconds;
  const char* name;
};

constexpr std::array time_units = {
  time_unit{86'400, "d"},
  time_unit{3'600, "h"},
  time_unit{60, "m"},
  time_unit{1, "s"},
};

std::string ranges_text(const v1::Value::Ranges& ranges) {
  std::string text;
  for (const auto& range : ranges.range()) {
    text += text.empty() ? "" : "+";
    text += std::to_string(range.begin());
    if (range.end() != range.begin())
      text += "-" + std::to_string(range.end());
  }
  return text;
}

std::string set_text(const v1::Value::Set& set) {
  std::string text;
  for (const auto& item : set.item())
    text += (text.empty() ? "" : "+") + item;
  return text;
}

std::string value_text(const v1::Resource& resource) {
  switch (resource.type()) {
    case v1::Value::RANGES:
      return ranges_text(resource.ranges());
    case v1::Value::SET:
      return set_text(resource.set());
    default:
      if (resource.name() == "mem" || resource.name() == "disk")
        return human_mib(resource.scalar().value());
      return human_number(resource.scalar().value());
  }
}

} // namespace

std::string human_duration(std::chrono::nanoseconds value) {
  auto rest = std::chrono::duration_cast<std::chrono::seconds>(value).count();
  for (size_t i = 0; i < time_units.size(); ++i) {
    if (rest < time_units[i].seconds)
      continue;
    auto text
      = std::to_string(rest / time_units[i].seconds) + time_units[i].name;
    rest %= time_units[i].seconds;
    if (i + 1 < time_units.size() && rest >= time_units[i + 1].seconds)
      text += " " + std::to_string(rest / time_units[i + 1].seconds)
              + time_units[i + 1].name;
    return text;
  }
  return "0s";
}

std::string human_age(int64_t then_ns, int64_t now_ns) {
  if (then_ns == 0)
    return "-";
  return human_duration(std::chrono::nanoseconds{now_ns - then_ns});
}

std::string human_time(int64_t ns) {
  if (ns == 0)
    return "-";
  auto seconds = static_cast<std::time_t>(ns / 1'000'000'000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%SZ", &parts);
  return text.data();
}

std::string human_number(double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.3f", value);
  std::string number = text.data();
  number.erase(number.find_last_not_of('0') + 1);
  if (number.ends_with('.'))
    number.pop_back();
  return number == "-0" ? "0" : number;
}

std::string human_mib(double mib) {
  constexpr std::array units = {"MiB", "GiB", "TiB", "PiB"};
  size_t unit = 0;
  while (unit + 1 < units.size() && std::abs(mib) >= 1024) {
    mib /= 1024;
    ++unit;
  }
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f" : "%.1f", mib);
  std::string number = text.data();
  if (number.ends_with(".0"))
    number.resize(number.size() - 2);
  return number + " " + units[unit];
}

double scalar_of(const resource_list& list, std::string_view name) {
  double sum = 0;
  for (const auto& resource : list)
    if (resource.name() == name && resource.type() == v1::Value::SCALAR)
      sum += resource.scalar().value();
  return sum;
}

std::string human_resources(const resource_list& list) {
  std::string text;
  for (const auto& resource : list) {
    text += text.empty() ? "" : ", ";
    text += resource.name() + " " + value_text(resource);
  }
  return text.empty() ? "-" : text;
}

} // namespace agora
