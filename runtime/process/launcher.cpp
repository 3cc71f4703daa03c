// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/launcher.hpp"

#include <algorithm>
#include <cstring>

namespace agora {
namespace {

bool is_key_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

status check_text(const std::string& field, std::string_view text) {
  if (text.find('\0') != std::string_view::npos)
    return fail(errc::invalid_argument, field + " has a zero byte");
  return {};
}

status check_absolute(const std::string& field,
                      const std::filesystem::path& path) {
  if (!path.is_absolute())
    return fail(errc::invalid_argument,
                field + " is not an absolute path: \"" + path.string() + "\"");
  if (path.native().size() > max_path_bytes)
    return fail(errc::too_large,
                field + " takes " + std::to_string(path.native().size())
                  + " bytes, more than " + std::to_string(max_path_bytes));
  return check_text(field, path.native());
}

/// Adds the size of one argument or variable to `total`.
status check_argument(const std::string& field, size_t bytes, size_t& total) {
  if (bytes > max_argument_bytes)
    return fail(errc::too_large, field + " takes " + std::to_string(bytes)
                                   + " bytes; the kernel takes at most "
                                   + std::to_string(max_argument_bytes)
                                   + " for one argument or variable");
  total += bytes + 1 + sizeof(char*);
  if (total > max_launch_bytes)
    return fail(errc::too_large,
                "arguments and environment take more than "
                  + std::to_string(max_launch_bytes)
                  + " bytes together; hand large data over in a file");
  return {};
}

status check_command(const launch_spec& spec, size_t& total) {
  if (spec.command.empty())
    return fail(errc::invalid_argument, "command is empty");
  if (auto err = check_text("command", spec.command))
    return err;
  if (spec.shell && !spec.arguments.empty())
    return fail(errc::invalid_argument,
                "arguments are given together with a shell command");
  if (auto err = check_argument("command", spec.command.size(), total))
    return err;
  for (size_t i = 0; i < spec.arguments.size(); ++i) {
    auto field = "arguments[" + std::to_string(i) + "]";
    if (auto err = check_text(field, spec.arguments[i]))
      return err;
    if (auto err = check_argument(field, spec.arguments[i].size(), total))
      return err;
  }
  return {};
}

status check_environment(const launch_spec& spec, size_t& total) {
  for (auto& [name, value] : spec.environment) {
    if (name.empty() || name.find('=') != std::string::npos)
      return fail(errc::invalid_argument,
                  "environment has a variable named \"" + name + "\"");
    auto field = "environment variable " + name.substr(0, 64);
    if (auto err = check_text(field, name))
      return err;
    if (auto err = check_text(field, value))
      return err;
    if (auto err = check_argument(field, name.size() + 1 + value.size(), total))
      return err;
  }
  return {};
}

} // namespace

status check_task_key(const std::string& key) {
  if (key.empty() || key.size() > max_key_bytes || key.front() == '.'
      || !std::all_of(key.begin(), key.end(), is_key_char))
    return fail(errc::invalid_argument,
                "task_key must be 1 to " + std::to_string(max_key_bytes)
                  + " of [A-Za-z0-9._-] and not begin with a dot");
  return {};
}

status check_run_directory(const std::filesystem::path& directory) {
  return check_absolute("run_directory", directory);
}

status check_launch_spec(const launch_spec& spec) {
  if (auto err = check_task_key(spec.task_key))
    return err;
  if (auto err = check_run_directory(spec.run_directory))
    return err;
  if (auto err = check_absolute("sandbox", spec.sandbox))
    return err;
  if (auto err = check_text("user", spec.user))
    return err;
  if (spec.limits.size() > max_process_limits)
    return fail(errc::too_large,
                "more than " + std::to_string(max_process_limits) + " limits");
  size_t total = 0;
  if (auto err = check_command(spec, total))
    return err;
  return check_environment(spec, total);
}

exit_status exit_status::make_exited(int code) {
  exit_status result;
  result.how = kind::exited;
  result.code = code;
  return result;
}

exit_status exit_status::make_signaled(int signal, bool core_dumped) {
  exit_status result;
  result.how = kind::signaled;
  result.signal = signal;
  result.core_dumped = core_dumped;
  return result;
}

exit_status exit_status::make_unknown(cause reason) {
  exit_status result;
  result.reason = reason;
  return result;
}

std::string to_string(const exit_status& what) {
  switch (what.how) {
    case exit_status::kind::exited:
      return "exited with status " + std::to_string(what.code);
    case exit_status::kind::signaled: {
      auto name = sigabbrev_np(what.signal);
      return "terminated by signal "
             + (name ? std::string{"SIG"} + name : std::to_string(what.signal))
             + (what.core_dumped ? ", core dumped" : "");
    }
    case exit_status::kind::unknown:
      break;
  }
  switch (what.reason) {
    case exit_status::cause::shim_died:
      return "unknown: its shim was killed";
    case exit_status::cause::rebooted:
      return "unknown: the machine was started again";
    case exit_status::cause::record_lost:
      return "unknown: its shim's record is missing or damaged";
    case exit_status::cause::none:
      break;
  }
  return "unknown";
}

const std::string& key_of(const process_event& event) {
  return std::visit(
    [](auto& which) -> const std::string& {
      return which.key;
    },
    event);
}

} // namespace agora
