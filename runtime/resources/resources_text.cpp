// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/resources_text.hpp"

#include "runtime/resources/resources_codec.hpp"
#include "runtime/resources/text_reader.hpp"

#include <algorithm>
#include <utility>

namespace agora {

namespace {

result<resource_value> read_scalar(text_reader& reader) {
  auto token = reader.until(";");
  if (token.empty())
    return reader.wrong("expected a number, '[' or '{'");
  auto units = parse_decimal(token);
  if (!units)
    return reader.wrong(quoted(token)
                        + " is not a finite number, nor a list in [] or {}");
  auto amount = scalar_amount::from_double(*units);
  if (!amount)
    return reader.wrong(text_of(amount.error()));
  return resource_value{*amount};
}

result<resource_value> read_value(text_reader& reader) {
  switch (reader.peek()) {
    case '[': {
      auto numbers = reader.read_ranges();
      if (!numbers)
        return std::move(numbers.error());
      return resource_value{std::move(*numbers)};
    }
    case '{': {
      auto items = reader.read_set();
      if (!items)
        return std::move(items.error());
      return resource_value{std::move(*items)};
    }
    default:
      return read_scalar(reader);
  }
}

/// Reads "(role)" if it is there.
status read_role(text_reader& reader) {
  if (!reader.skip('('))
    return {};
  auto role = reader.until("();");
  if (role != "*")
    return reader.wrong("the role " + quoted(role)
                        + ": only \"*\" is supported yet");
  return reader.expect(')');
}

/// Reads one `name:value` into `setting`.
status read_one(text_reader& reader, resources_setting& setting) {
  auto name = reader.until(":;([{");
  if (name.empty())
    return reader.wrong("expected the name of a resource");
  // Later tokens move the reader on; errors about the name belong here.
  auto at_name = reader;
  if (auto err = read_role(reader))
    return err;
  if (auto err = reader.expect(':'))
    return err;
  auto value = read_value(reader);
  if (!value)
    return std::move(value.error());
  auto one = resources::of(name, std::move(*value));
  auto err = one ? setting.value.add(*one) : std::move(one.error());
  if (!err)
    err = check_agent_limits(setting.value);
  if (err)
    return at_name.wrong(text_of(err));
  auto place
    = std::lower_bound(setting.names.begin(), setting.names.end(), name);
  if (place == setting.names.end() || *place != name)
    setting.names.insert(place, std::string{name});
  if (setting.names.size() > resources::names_limit)
    return at_name.wrong("more than " + std::to_string(resources::names_limit)
                         + " names");
  return {};
}

} // namespace

result<resources_setting> parse_resources_setting(std::string_view text) {
  text_reader reader{text, errc::invalid_resources};
  if (auto err = reader.check_text())
    return err;
  resources_setting setting;
  while (!reader.at_end()) {
    if (reader.skip(';'))
      continue; // "cpus:1;" and "cpus:1;;mem:2" are common, and harmless
    if (auto err = read_one(reader, setting))
      return err;
    if (!reader.at_end())
      if (auto err = reader.expect(';'))
        return err;
  }
  return setting;
}

result<resources> parse_resources(std::string_view text) {
  auto setting = parse_resources_setting(text);
  if (!setting)
    return std::move(setting.error());
  return std::move(setting->value);
}

std::string to_string(const resources& what) {
  std::string text;
  what.for_each([&](std::string_view name, const resource_value& value) {
    if (!text.empty())
      text += ';';
    text.append(name).append(":").append(to_string(value));
  });
  return text;
}

} // namespace agora
