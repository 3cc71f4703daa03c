// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/launch_failure.hpp"

#include <cerrno>
#include <cstring>

namespace agora {
namespace {

std::string quoted(const std::string& text) {
  return text.empty() ? text : " \"" + text + "\"";
}

/// What `step` was about.
std::string object_of(shim::start_step step, const launch_story& story) {
  using shim::start_step;
  switch (step) {
    case start_step::create_record:
      return quoted(story.record);
    case start_step::switch_user:
      return quoted(story.user);
    case start_step::enter_sandbox:
    case start_step::open_stdout:
    case start_step::open_stderr:
      return quoted(story.sandbox);
    case start_step::execute:
      return quoted(story.program);
    default:
      return {};
  }
}

/// What errno alone does not tell.
std::string hint_for(const shim_record::failure& failure) {
  using shim::start_step;
  if (failure.step == start_step::create_record
      && failure.error_number == EEXIST)
    return "; the key was given to another task, or given up";
  if (failure.step == start_step::execute && failure.error_number == E2BIG)
    return "; arguments and environment take a quarter of the stack limit at "
           "most";
  if (failure.step == start_step::execute && failure.error_number == ENOENT)
    return "; it, or the interpreter that it names, does not exist";
  return {};
}

} // namespace

launch_story story_of(const launch_spec& spec) {
  return {spec.shell ? "/bin/sh" : spec.command.substr(0, 512),
          spec.sandbox.string(), spec.user.substr(0, 128),
          shim_record_path(spec.run_directory, spec.task_key).string()};
}

process_start_failed explain_start_failure(std::string key,
                                           const shim_record::failure& failure,
                                           const launch_story& story) {
  process_start_failed event;
  event.key = std::move(key);
  event.step = to_string(failure.step);
  event.error_number = failure.error_number;
  event.text = "cannot " + event.step + object_of(failure.step, story);
  if (!story.user.empty() && failure.step > shim::start_step::switch_user)
    event.text += " as user \"" + story.user + "\"";
  if (failure.error_number != 0)
    event.text += std::string{": "} + std::strerror(failure.error_number);
  event.text += hint_for(failure);
  return event;
}

} // namespace agora
