// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/log_simulation/log_profile.hpp"

#include <array>

namespace agora::log_simulation {

namespace {

constexpr std::array<std::string_view, 6> names{
  "calm", "network", "partitions", "crashes", "members", "chaos"};

void choose_network(plan& to, simulation::random_source& random) {
  to.loss = random.fraction() * 0.15;
  to.duplicate = random.fraction() * 0.1;
  to.delay_most = random.between(5, 60);
}

void choose_faults(plan& to, simulation::random_source& random) {
  auto& weights = to.weights;
  auto all = to.how == profile::chaos;
  if (all || to.how == profile::partitions) {
    weights.partition = 4;
    weights.one_way = 3;
    weights.isolate_leader = 3;
    weights.pause = 2;
    weights.clock_jump = 1;
  }
  if (all || to.how == profile::crashes) {
    weights.crash = 6;
    weights.crash_all = 1;
    weights.slow_disk = 2;
    to.disk_most = random.between(4, 80);
  }
  if (all || to.how == profile::members) {
    to.spares = 2;
    weights.change_members = 6;
    weights.transfer = 3;
    weights.crash += 2;
    weights.isolate_leader += 2;
    weights.partition += 1;
    weights.wipe = 1;
  }
  if (all || to.how == profile::network)
    choose_network(to, random);
}

} // namespace

std::string_view to_string(profile which) {
  return names[static_cast<size_t>(which)];
}

std::optional<profile> parse_profile(std::string_view text) {
  for (size_t i = 0; i < names.size(); ++i)
    if (names[i] == text)
      return static_cast<profile>(i);
  return std::nullopt;
}

plan make_plan(simulation::random_source& random, std::optional<profile> how) {
  plan result;
  // Calm runs show little that is new.
  auto drawn = random.chance(0.02)
                 ? profile::calm
                 : static_cast<profile>(1 + random.below(names.size() - 1));
  result.how = how.value_or(drawn);
  result.founders = random.chance(0.6) ? 3 : random.chance(0.7) ? 5 : 4;
  result.fault_pause = random.between(150, 1'500);
  choose_faults(result, random);
  if (random.chance(0.5)) {
    result.compact_every = static_cast<uint64_t>(random.between(3, 40));
    result.compact_keep = static_cast<uint64_t>(random.between(0, 20));
  }
  // Ticks are 10 ms here. What is small shows what is rare at full size.
  auto& settings = result.settings;
  settings.heartbeat_ticks = 3;
  settings.election_ticks = 12;
  settings.append_entries = static_cast<size_t>(random.between(1, 20));
  settings.append_bytes = static_cast<size_t>(random.between(10, 500));
  settings.window.messages = static_cast<size_t>(random.between(1, 8));
  settings.tail_bytes = static_cast<size_t>(random.between(0, 400));
  settings.promote_lag = 20;
  return result;
}

} // namespace agora::log_simulation
