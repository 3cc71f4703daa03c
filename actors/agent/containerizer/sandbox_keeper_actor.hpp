// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/containerizer/sandbox_files.hpp"
#include "actors/interfaces.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>

namespace agora {

struct sandbox_keeper_state {
  static inline const char* name = "sandbox-keeper";

  std::shared_ptr<sandbox_files> files;
};

/// SANDBOX KEEPER: calls `files`, which block; spawn it detached.
sandbox_keeper_actor::behavior_type sandbox_keeper(
  sandbox_keeper_actor::stateful_pointer<sandbox_keeper_state> self,
  std::shared_ptr<sandbox_files> files);

} // namespace agora
