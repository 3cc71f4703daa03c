// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/master/agent_book.hpp"
#include "actors/master/framework_book.hpp"
#include "actors/master/launch_overlay.hpp"
#include "actors/master/master_outbox.hpp"
#include "actors/master/master_settings.hpp"
#include "actors/master/offer_book.hpp"
#include "runtime/base/wall_clock.hpp"
#include "storage/cluster/cluster_state.hpp"

#include <chrono>
#include <set>

namespace agora {

/// What the desks of one leading master share. Each desk decides one subject;
/// all of them read the applied state, and change it by proposals only.
struct master_context {
  master_settings settings;
  /// What the log says, as far as it is applied.
  cluster_state state;
  /// What is proposed and not yet applied.
  launch_overlay overlay;
  agent_book agents;
  framework_book frameworks;
  offer_book offers;
  master_outbox out;
  /// Sessions of all kinds. One may end while its proposal is under way.
  std::set<session_number> open_sessions;

  /// This leader's.
  epoch own_epoch;
  /// Of the turn that is being handled.
  std::chrono::steady_clock::time_point now;
  wall_time wall;
  /// The newest entry that state has.
  uint64_t applied_index = 0;
  /// When this leader began.
  std::chrono::steady_clock::time_point started;
  wall_time started_wall;
};

} // namespace agora
