// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/testing/network.hpp"
#include "actors/testing/random_source.hpp"
#include "actors/testing/simulated_disk.hpp"
#include "tests/simulation/framework_ledger.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace agora::simulation {

/// How hard a run is made.
enum class profile : uint8_t {
  /// No faults: latencies, the order of messages and the frameworks'
  /// characters only.
  calm,
  /// One fault after the other, with time to recover.
  faults,
  /// Many at once, and resets at any frame.
  chaos,
};

std::string_view to_string(profile which);
std::optional<profile> parse_profile(std::string_view text);

/// How often each fault is chosen, among all; zero: never.
struct fault_weights {
  unsigned reset = 0;
  unsigned partition = 0;
  unsigned stop = 0;
  unsigned crash_master = 0;
  unsigned stale_master = 0;
  unsigned crash_agent = 0;
  unsigned crash_framework = 0;
  unsigned second_framework = 0;
  unsigned reboot = 0;
  unsigned slow_disk = 0;
  unsigned fail_disk = 0;
  unsigned clone = 0;
  unsigned wipe = 0;
};

/// Everything about a run that its seed decides before it begins. All timeouts
/// of the product are shortened alike, so that a minute shows what an hour
/// does.
struct plan {
  profile how = profile::calm;
  /// With faults; then everything is healed, and must settle.
  std::chrono::seconds turbulence{60};
  /// How long settling may take.
  std::chrono::seconds settle_limit{300};

  double stall_chance = 0;
  network_settings network;
  disk_settings master_disk;
  disk_settings agent_disk;

  /// Between faults.
  std::chrono::milliseconds fault_pause_least{500};
  std::chrono::milliseconds fault_pause_most{5'000};
  /// Until a fault is over.
  std::chrono::milliseconds fault_least{50};
  std::chrono::milliseconds fault_most{8'000};
  fault_weights weights;

  uint32_t masters = 1;
  /// Members that lack older ones are sent a snapshot.
  uint64_t retained_entries = 10'000;
  size_t agents = 5;
  std::vector<framework_character> frameworks;

  /// Bodies under way in one direction of a session.
  uint64_t window_messages = 256;
  std::chrono::milliseconds ping{1'000};
  std::chrono::milliseconds silence{4'000};
  std::chrono::milliseconds agent_timeout{6'000};
  std::chrono::milliseconds reattach_timeout{12'000};
  std::chrono::milliseconds offer_timeout{8'000};
};

/// @param wanted Nothing: chosen by the seed.
plan make_plan(random_source& random, std::optional<profile> wanted);

} // namespace agora::simulation
