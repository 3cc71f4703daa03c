// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_options.hpp"
#include "actors/agent/containerizer/sandbox_files.hpp"
#include "actors/interfaces.hpp"
#include "runtime/base/wall_clock.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

namespace agora {

struct containerizer_options {
  std::filesystem::path work_dir;
  sandbox_gc_settings gc;
  /// For a command's files to be in place.
  std::chrono::milliseconds prepare_timeout{600'000};
  /// For a look at all sandboxes, and for a part of a file.
  std::chrono::milliseconds file_timeout{60'000};
  /// The agent's own user: no switch is needed for it. Empty: unknown.
  std::string own_user;
  wall_clock clock = system_wall_clock();
};

struct containerizer_state {
  static inline const char* name = "containerizer";

  enum class phase : uint8_t { preparing, unpacking, launched };

  struct container {
    caf::actor_addr owner;
    container_start what;
    phase at = phase::preparing;
    bool cancelled = false;
    bool reattached = false;
  };

  containerizer_options options;
  std::unique_ptr<launcher> processes;
  /// Brings files into sandboxes, which may take long.
  sandbox_keeper_actor preparer;
  /// Reads and removes.
  sandbox_keeper_actor janitor;
  std::unordered_map<container_id, container> containers;
  /// Found running after a restart, and not wanted.
  std::unordered_map<std::string, bool> strays;
  /// By owner, for the next flush; the order within one owner counts.
  std::map<caf::actor_addr, container_events> news;
  bool flush_sent = false;
  bool listing = false;
};

/// Makes the launcher that tells `listener`.
using launcher_factory
  = std::function<result<std::unique_ptr<launcher>>(launcher::listener)>;

/// CONTAINERIZER: processes and their sandboxes. Ends with the error if the
/// launcher cannot be made.
/// @param preparer, janitor May be one actor.
containerizer_actor::behavior_type
containerizer(containerizer_actor::stateful_pointer<containerizer_state> self,
              containerizer_options options,
              const launcher_factory& make_launcher,
              sandbox_keeper_actor preparer, sandbox_keeper_actor janitor);

} // namespace agora
