// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/node/config_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace agora {

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

} // namespace

result<std::vector<config_line>> parse_config(std::string_view text,
                                              const std::string& origin) {
  std::vector<config_line> lines;
  size_t number = 0;
  while (!text.empty()) {
    ++number;
    auto end = text.find('\n');
    auto line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#' || line.front() == ';')
      continue;
    auto at = origin + ":" + std::to_string(number) + ": ";
    auto equals = line.find('=');
    auto name = trimmed(line.substr(0, equals));
    if (equals == std::string_view::npos || name.empty())
      return fail(errc::invalid_config,
                  at + "expected a line of the form: name = value");
    auto value = trimmed(line.substr(equals + 1));
    if (!value.empty() && value.front() == '"') {
      if (value.size() < 2 || value.back() != '"')
        return fail(errc::invalid_config,
                    at + "the value's closing quote is missing");
      value = value.substr(1, value.size() - 2);
    }
    lines.push_back({number, std::string{name}, std::string{value}});
  }
  return lines;
}

result<std::vector<config_line>> read_config_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file)
    return fail(errc::invalid_config, "cannot read the configuration file "
                                        + path + ": " + std::strerror(errno));
  std::string text(config_file_bytes_limit + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad())
    return fail(errc::invalid_config, "cannot read the configuration file "
                                        + path + ": is it a directory?");
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > config_file_bytes_limit)
    return fail(errc::invalid_config,
                "the configuration file " + path + " is larger than 1 MiB");
  return parse_config(text, path);
}

} // namespace agora
