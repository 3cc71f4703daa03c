// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/containerizer/process_spec.hpp"

#include "actors/agent/containerizer/process_limits.hpp"

namespace agora {

namespace {

constexpr std::string_view unpack_ending = ".unpack";

launch_spec spec_for(const container_start& what, std::string key,
                     const std::filesystem::path& run_directory,
                     const std::string& own_user) {
  launch_spec spec;
  spec.task_key = std::move(key);
  spec.run_directory = run_directory;
  spec.sandbox = what.sandbox;
  if (what.user != own_user)
    spec.user = what.user;
  return spec;
}

} // namespace

result<launch_spec> process_spec(const container_start& what,
                                 const std::filesystem::path& run_directory,
                                 const std::string& own_user) {
  auto limits = process_limits_of(what.limits);
  if (!limits)
    return std::move(limits.error());
  auto spec = spec_for(what, what.container.text(), run_directory, own_user);
  auto& command = what.command;
  spec.shell = command.shell();
  spec.command = command.value();
  // A shell's command has no arguments; in the field they are ignored.
  if (!spec.shell)
    spec.arguments = {command.arguments().begin(), command.arguments().end()};
  // The last of several values counts.
  spec.environment.emplace_back("PATH", default_path);
  spec.environment.insert(spec.environment.end(), what.environment.begin(),
                          what.environment.end());
  for (auto& variable : command.environment().variables())
    spec.environment.emplace_back(variable.name(), variable.value());
  spec.limits = std::move(*limits);
  return spec;
}

launch_spec unpack_spec(const container_start& what,
                        const std::vector<std::string>& commands,
                        const std::filesystem::path& run_directory,
                        const std::string& own_user) {
  auto spec
    = spec_for(what, unpack_key(what.container), run_directory, own_user);
  for (auto& command : commands)
    spec.command += (spec.command.empty() ? "" : " && ") + command;
  spec.environment.emplace_back("PATH", default_path);
  return spec;
}

std::string unpack_key(const container_id& container) {
  return container.text() + std::string{unpack_ending};
}

container_id unpacked_container(const std::string& key) {
  std::string_view text = key;
  if (!text.ends_with(unpack_ending))
    return {};
  text.remove_suffix(unpack_ending.size());
  return container_id{std::string{text}};
}

} // namespace agora
