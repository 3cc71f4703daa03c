// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/interfaces.hpp"
#include "tools/agora-load/load_book.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <optional>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::load::launch_share)

namespace agora::load {

/// LOAD SCHEDULER: one framework of the load.
using load_scheduler_actor = scheduler_actor::extend<
  // From the process: launch these.
  caf::reacts_to<launch_share>,
  // From the process: ask for offers, and note when the first comes.
  caf::reacts_to<caf::get_atom>>;

struct load_scheduler_state {
  static inline const char* name = "load-scheduler";

  std::optional<load_book> book;
  framework_driver_actor driver;
};

load_scheduler_actor::behavior_type load_scheduler(
  load_scheduler_actor::stateful_pointer<load_scheduler_state> self,
  framework_driver_actor driver, std::shared_ptr<load_totals> totals);

} // namespace agora::load
