// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_options.hpp"
#include "actors/master/master_settings.hpp"
#include "actors/session/connector_actor.hpp"
#include "actors/testing/network.hpp"
#include "actors/testing/simulated_disk.hpp"
#include "actors/testing/simulated_host.hpp"
#include "storage/log/log_settings.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>

namespace agora::simulation {

/// How dialers of a simulated cluster wait for its master.
struct dialing_settings {
  std::chrono::milliseconds open_timeout{5'000};
  dial_backoff_settings backoff;
  std::chrono::milliseconds settled_after{10'000};
};

/// What a simulated cluster is made of. All that is not set is as in a real
/// one: virtual time makes long timeouts cheap.
struct cluster_settings {
  network_settings network;
  /// How many masters; the first one founds the cluster.
  uint32_t masters = 1;
  log_settings log;
  /// Of the masters' consensus: coarse, because virtual time has to go through
  /// each.
  std::chrono::milliseconds consensus_tick{50};
  disk_settings master_disk;
  disk_settings agent_disk;
  /// Its address and software are the cluster's own.
  master_settings master;
  session_limits sessions;
  agent_timeouts agents;
  dialing_settings dialing;
  /// What tasks do. It must be set.
  behavior_source behavior;
  /// For the directories that agents make; they stay empty. Absolute.
  std::filesystem::path work_dir;
};

} // namespace agora::simulation
