// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/batch/job.hpp"

#include "runtime/base/utf8.hpp"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

namespace agora {

namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

constexpr double largest_amount = 1'000'000;

status bad_line(size_t number, const std::string& why) {
  return fail(errc::invalid_argument,
              "line " + std::to_string(number) + ": " + why);
}

status bad_field(const std::string& name, const char* expected) {
  return fail(errc::invalid_argument, "\"" + name + "\" must be " + expected);
}

std::string_view trimmed(std::string_view text) {
  constexpr auto space = " \t\r";
  auto first = text.find_first_not_of(space);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

/// A shell may begin a line with '{', too, but never with '{"'.
bool looks_like_json(std::string_view line) {
  if (!line.starts_with('{'))
    return false;
  auto next = trimmed(line.substr(1));
  return next.starts_with('"') || next == "}";
}

result<std::map<std::string, std::string>> read_env(const Value& value) {
  if (value.kind_case() != Value::kStructValue)
    return bad_field("env", "an object");
  std::map<std::string, std::string> env;
  for (auto& [name, text] : value.struct_value().fields()) {
    if (text.kind_case() != Value::kStringValue)
      return bad_field("env." + name, "a string");
    if (name.empty() || name.find('=') != std::string::npos
        || name.find('\0') != std::string::npos)
      return fail(errc::invalid_argument,
                  "\"" + name + "\" cannot be a variable's name");
    env.emplace(name, text.string_value());
  }
  return env;
}

result<unsigned> read_retries(const Value& value, unsigned limit) {
  auto number = value.number_value();
  if (value.kind_case() != Value::kNumberValue || !(number >= 0)
      || number != std::floor(number) || number > limit)
    return fail(errc::invalid_argument,
                "\"retries\" must be a whole number from 0 to "
                  + std::to_string(limit));
  return static_cast<unsigned>(number);
}

/// Sets one field of `to`.
status read_field(const std::string& name, const Value& value,
                  const job_list_limits& limits, job& to) {
  auto is_text = value.kind_case() == Value::kStringValue;
  auto is_number = value.kind_case() == Value::kNumberValue;
  if (name == "name" || name == "command") {
    if (!is_text)
      return bad_field(name, "a string");
    (name == "name" ? to.name : to.command) = value.string_value();
    return {};
  }
  if (name == "cpus" || name == "mem") {
    if (!is_number)
      return bad_field(name, "a number");
    auto milli = to_milli(value.number_value(), "\"" + name + "\"");
    if (!milli)
      return std::move(milli.error());
    (name == "cpus" ? to.size.cpus_milli : to.size.mem_mib_milli) = *milli;
    return {};
  }
  if (name == "env") {
    auto env = read_env(value);
    if (!env)
      return std::move(env.error());
    for (auto& [key, text] : *env)
      to.env.insert_or_assign(key, text);
    return {};
  }
  if (name == "retries") {
    auto retries = read_retries(value, limits.retries);
    if (!retries)
      return std::move(retries.error());
    to.retries = *retries;
    return {};
  }
  return fail(errc::invalid_argument,
              "\"" + name
                + "\" is unknown; a job has name, command, cpus, "
                  "mem, env and retries");
}

result<job> read_object(std::string_view line, job defaults,
                        const job_list_limits& limits) {
  Struct object;
  auto read = google::protobuf::util::JsonStringToMessage(
    google::protobuf::StringPiece{line.data(), line.size()}, &object);
  if (!read.ok())
    return fail(errc::invalid_argument,
                "not a JSON object: " + std::string{read.message()});
  // By name, so that of several mistakes always the same one is reported.
  std::map<std::string, Value> fields{object.fields().begin(),
                                      object.fields().end()};
  for (auto& [name, value] : fields)
    if (auto bad = read_field(name, value, limits, defaults))
      return bad;
  return defaults;
}

status check_job(const job& what) {
  if (what.command.empty())
    return fail(errc::invalid_argument, "there is no command");
  if (what.command.find('\0') != std::string::npos)
    return fail(errc::invalid_argument, "the command has a zero byte");
  if (!is_utf8(what.command))
    return fail(errc::invalid_argument, "the command is no text in UTF-8");
  if (!is_job_name(what.name))
    return fail(errc::invalid_argument,
                "\"" + what.name
                  + "\" cannot be a job's name: use at most 100 letters, "
                    "digits, '.', '_' and '-', and no '.' in front");
  return {};
}

} // namespace

result<int64_t> to_milli(double amount, std::string_view what) {
  auto milli = std::round(amount * 1000);
  if (!(milli >= 1) || amount > largest_amount)
    return fail(errc::invalid_argument,
                std::string{what}
                  + " must be from 0.001 to a million (cpus, or MiB of memory)");
  return static_cast<int64_t>(milli);
}

bool is_job_name(std::string_view name) {
  constexpr size_t longest = 100;
  auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= longest && name.front() != '.'
         && std::all_of(name.begin(), name.end(), allowed);
}

result<std::vector<job>> parse_jobs(std::string_view text, const job& defaults,
                                    const job_list_limits& limits) {
  std::vector<job> jobs;
  std::set<std::string> names;
  for (size_t number = 1; !text.empty(); ++number) {
    auto end = std::min(text.find('\n'), text.size());
    auto line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#')
      continue;
    if (line.size() > limits.line_bytes)
      return fail(errc::too_large,
                  "line " + std::to_string(number) + " is longer than "
                    + std::to_string(limits.line_bytes) + " bytes");
    if (jobs.size() == limits.jobs)
      return fail(errc::too_large, "there are more than "
                                     + std::to_string(limits.jobs) + " jobs");
    auto next = defaults;
    next.name = "job-" + std::to_string(number);
    next.command = line;
    if (looks_like_json(line)) {
      next.command.clear();
      auto object = read_object(line, std::move(next), limits);
      if (!object)
        return bad_line(number, text_of(object.error()));
      next = std::move(*object);
    }
    if (auto bad = check_job(next))
      return bad_line(number, text_of(bad));
    if (!names.insert(next.name).second)
      return bad_line(number, "there is another job \"" + next.name + "\"");
    jobs.push_back(std::move(next));
  }
  if (jobs.empty())
    return fail(errc::invalid_argument, "there are no jobs in the list");
  return jobs;
}

} // namespace agora
