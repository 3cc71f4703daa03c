// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/testing/random_source.hpp"
#include "storage/consensus/consensus_settings.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace agora::log_simulation {

/// Milliseconds of virtual time.
using milliseconds = int64_t;

/// What a run is mostly about.
enum class profile : uint8_t {
  /// No faults.
  calm,
  /// Messages are lost, late, twice and in another order.
  network,
  /// Members are cut off from each other, also in one direction only.
  partitions,
  /// Processes end at any moment, and start again.
  crashes,
  /// Members come, go, lose their disks, and hand over leadership.
  members,
  /// All of it.
  chaos,
};

std::string_view to_string(profile which);
std::optional<profile> parse_profile(std::string_view text);

/// How often each fault is chosen, among all; zero: never.
struct fault_weights {
  unsigned crash = 0;
  unsigned crash_all = 0;
  unsigned partition = 0;
  unsigned one_way = 0;
  unsigned isolate_leader = 0;
  unsigned slow_disk = 0;
  unsigned pause = 0;
  unsigned clock_jump = 0;
  unsigned transfer = 0;
  unsigned change_members = 0;
  unsigned wipe = 0;
};

/// Everything about a run that its seed decides before it begins.
struct plan {
  profile how = profile::calm;
  size_t founders = 3;
  /// Besides the founders, to be taken in.
  size_t spares = 0;
  milliseconds turbulence = 20'000;
  milliseconds settle_limit = 20'000;
  milliseconds fault_pause = 1'000;

  double loss = 0;
  double duplicate = 0;
  milliseconds delay_most = 5;
  milliseconds disk_most = 4;
  /// Entries between two removals of old ones; 0: they are kept.
  uint64_t compact_every = 0;
  uint64_t compact_keep = 0;

  fault_weights weights;
  consensus_settings settings;
};

plan make_plan(simulation::random_source& random, std::optional<profile> how);

} // namespace agora::log_simulation
