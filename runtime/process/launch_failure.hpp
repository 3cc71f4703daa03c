// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/process/launcher.hpp"
#include "runtime/process/shim_record.hpp"

#include <string>

namespace agora {

/// What is kept of a launch_spec until its task has started, to tell people
/// what could not be found or opened. Empty after an agent's restart.
struct launch_story {
  std::string program;
  std::string sandbox;
  std::string user;
  std::string record;
};

launch_story story_of(const launch_spec& spec);

/// The event for a shim that wrote `failure` into its record.
process_start_failed explain_start_failure(std::string key,
                                           const shim_record::failure& failure,
                                           const launch_story& story);

} // namespace agora
