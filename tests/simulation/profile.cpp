// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/profile.hpp"

#include <array>

namespace agora::simulation {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::array<std::string_view, 3> profile_names{"calm", "faults",
                                                        "chaos"};

constexpr size_t framework_count = 3;

framework_character make_character(random_source& random, size_t number) {
  framework_character made;
  made.name = "fw" + std::to_string(number);
  made.roles = {random.chance(0.3) ? "shared" : made.name};
  if (random.chance(0.2))
    made.roles.push_back("second");
  made.partition_aware = random.chance(0.7);
  made.tells_killing = random.chance(0.4);
  made.explicit_acknowledgements = random.chance(0.3);
  made.failover_timeout = static_cast<double>(random.between(2, 30));
  made.goal = static_cast<size_t>(random.between(10, 60));
  made.at_once = static_cast<size_t>(random.between(2, 12));
  made.groups = random.chance(0.5) ? 0.2 : 0;
  switch (random.below(6)) {
    case 0:
      made.hoards = 0.7;
      break;
    case 1:
      made.declines = 0.7;
      break;
    case 2:
      made.kills = 0.7;
      break;
    case 3:
      made.suppresses = 0.2;
      break;
    default: // Steady.
      break;
  }
  return made;
}

profile choose(random_source& random) {
  switch (random.below(10)) {
    case 0:
      return profile::calm;
    case 1:
    case 2:
    case 3:
    case 4:
      return profile::faults;
    default:
      return profile::chaos;
  }
}

} // namespace

std::string_view to_string(profile which) {
  return profile_names[static_cast<size_t>(which)];
}

std::optional<profile> parse_profile(std::string_view text) {
  for (size_t i = 0; i < profile_names.size(); ++i)
    if (profile_names[i] == text)
      return static_cast<profile>(i);
  return std::nullopt;
}

plan make_plan(random_source& random, std::optional<profile> wanted) {
  plan made;
  auto chosen = choose(random);
  made.how = wanted.value_or(chosen);
  for (size_t i = 0; i < framework_count; ++i)
    made.frameworks.push_back(make_character(random, i));
  made.stall_chance = random.chance(0.5) ? 0.001 : 0;
  made.network.latency_most = microseconds{random.between(200, 20'000)};
  made.master_disk.latency_most = microseconds{random.between(500, 20'000)};
  made.agent_disk.latency_most = microseconds{random.between(500, 20'000)};
  if (random.chance(0.2))
    made.window_messages = static_cast<uint64_t>(random.between(2, 8));
  if (random.chance(0.5))
    made.masters = 3;
  if (random.chance(0.5))
    made.retained_entries = static_cast<uint64_t>(random.between(5, 100));
  if (made.how == profile::calm)
    return made;
  made.weights = {.reset = 4,
                  .partition = 4,
                  .stop = 3,
                  .crash_master = 3,
                  .stale_master = 1,
                  .crash_agent = 4,
                  .crash_framework = 3,
                  .second_framework = 1,
                  .reboot = 1,
                  .slow_disk = 2,
                  .fail_disk = 1,
                  .clone = 1,
                  .wipe = 1};
  if (made.how == profile::faults) {
    made.fault_pause_least = milliseconds{2'000};
    made.fault_pause_most = milliseconds{9'000};
    made.fault_most = milliseconds{12'000};
    return made;
  }
  made.fault_pause_least = milliseconds{100};
  made.fault_pause_most = milliseconds{random.between(500, 4'000)};
  made.network.slow_chance = random.chance(0.5) ? 0.01 : 0;
  made.network.reset_chance = random.chance(0.5) ? 0.001 : 0;
  return made;
}

} // namespace agora::simulation
