// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora/run_commands.hpp"

#include "actors/frameworks/batch/job.hpp"
#include "actors/frameworks/batch/run_batch.hpp"
#include "actors/frameworks/batch/run_command.hpp"

#include <cstdlib>
#include <map>

namespace agora {

namespace {

constexpr double bytes_per_mib = 1024.0 * 1024.0;

result<job_size> size_of(const work_settings& work) {
  auto cpus = to_milli(work.cpus, "--cpus");
  if (!cpus)
    return cpus.error();
  auto mem
    = to_milli(static_cast<double>(work.mem.bytes) / bytes_per_mib, "--mem");
  if (!mem)
    return mem.error();
  return job_size{*cpus, *mem};
}

result<std::map<std::string, std::string>>
environment_of(const std::vector<std::string>& words) {
  std::map<std::string, std::string> variables;
  for (const auto& word : words) {
    auto equals = word.find('=');
    auto name = word.substr(0, equals);
    if (name.empty())
      return fail(errc::invalid_config,
                  "--env: \"" + word + "\" is not of the form NAME=VALUE");
    const auto* inherited = std::getenv(name.c_str());
    if (equals != std::string::npos)
      variables[name] = word.substr(equals + 1);
    else if (inherited != nullptr)
      variables[name] = inherited;
    else
      return fail(errc::invalid_config, "--env: " + name
                                          + " is not set here; write " + name
                                          + "=VALUE");
  }
  return variables;
}

int refuse(const status& why) {
  report(why);
  return static_cast<int>(tool_exit::usage);
}

} // namespace

int run_in_cluster(const tool_settings& settings, const work_settings& work,
                   const std::vector<std::string>& words) {
  if (words.empty())
    return refuse(fail(errc::invalid_config,
                       "run: what? Put the command after --, as in: agora run "
                       "-- echo hello"));
  if (!work.name.empty() && !is_job_name(work.name))
    return refuse(fail(errc::invalid_config,
                       "--name: use at most 100 letters, digits, '.', '_' and "
                       "'-', and no '.' in front"));
  auto size = size_of(work);
  if (!size)
    return refuse(size.error());
  auto variables = environment_of(work.env);
  if (!variables)
    return refuse(variables.error());
  run_options options;
  options.masters = settings.masters;
  options.command = words;
  if (!work.name.empty())
    options.name = work.name;
  options.size = *size;
  options.env = std::move(*variables);
  options.quiet = settings.json();
  return run_command(std::move(options));
}

int run_batch_in_cluster(const tool_settings& settings,
                         const batch_settings& batch) {
  auto size = size_of(batch.each);
  if (!size)
    return refuse(size.error());
  auto variables = environment_of(batch.each.env);
  if (!variables)
    return refuse(variables.error());
  auto text = read_job_file(batch.file);
  if (!text)
    return refuse(text.error());
  job defaults;
  defaults.size = *size;
  defaults.env = std::move(*variables);
  defaults.retries = batch.retries;
  auto jobs = parse_jobs(*text, defaults);
  if (!jobs)
    return refuse(
      fail(code_of(jobs.error()), batch.file + ": " + text_of(jobs.error())));
  batch_options options;
  options.masters = settings.masters;
  options.jobs = std::move(*jobs);
  options.parallelism = batch.parallelism;
  options.output_folder = batch.output_folder;
  options.json = settings.json();
  options.quiet = batch.quiet;
  return run_batch(std::move(options));
}

} // namespace agora
