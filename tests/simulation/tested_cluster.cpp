// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/tested_cluster.hpp"

#include "tests/simulation/simulated_scheduler.hpp"

#include <algorithm>
#include <utility>

namespace agora::simulation {

namespace {

using std::chrono::milliseconds;

/// Until a framework that has ended by itself is started again.
constexpr milliseconds restart_pause{500};

/// What differs from agent to agent.
const char* resources_of(size_t number) {
  switch (number % 3) {
    case 0:
      return "cpus:4;mem:4096";
    case 1:
      return "cpus:8;mem:2048";
    default:
      return "cpus:2;mem:1024";
  }
}

cluster_settings settings_of(const plan& how, std::filesystem::path work_dir) {
  cluster_settings made;
  made.network = how.network;
  made.masters = how.masters;
  made.log.retained_entries = how.retained_entries;
  made.log.trim_step = how.retained_entries / 4 + 1;
  made.master_disk = how.master_disk;
  made.agent_disk = how.agent_disk;
  made.master.offer_timeout = how.offer_timeout;
  made.master.agent_timeout = how.agent_timeout;
  made.master.agent_reattach_timeout = how.reattach_timeout;
  made.master.framework_reattach_timeout = how.reattach_timeout;
  made.master.unreachable_per_second = 2;
  made.master.default_refuse = milliseconds{2'000};
  made.sessions.window_messages = how.window_messages;
  made.sessions.ping_interval = how.ping;
  made.sessions.silence_timeout = how.silence;
  made.agents.kill_grace = milliseconds{1'000};
  made.agents.status_retry_first = milliseconds{1'000};
  made.agents.status_retry_last = milliseconds{8'000};
  made.agents.refused_retry = milliseconds{2'000};
  made.agents.attach = milliseconds{3'000};
  made.dialing.open_timeout = milliseconds{2'000};
  made.dialing.backoff.last = milliseconds{2'000};
  made.dialing.settled_after = milliseconds{2'000};
  made.behavior = behavior_of;
  made.work_dir = std::move(work_dir);
  return made;
}

} // namespace

tested_cluster::tested_cluster(world& sim, const plan& how,
                               std::filesystem::path work_dir)
  : simulated_cluster(sim, settings_of(how, std::move(work_dir))),
    sim_(sim),
    plan_(how),
    log_(sim, *this) {
  for (size_t i = 0; i < plan_.agents; ++i)
    add_agent("agent" + std::to_string(i), resources_of(i));
  for (auto& character : plan_.frameworks) {
    auto& made
      = *frameworks_.emplace_back(std::make_unique<tested_framework>());
    made.name = character.name;
    made.machine = net().add_machine(character.name);
    made.ledger = std::make_unique<framework_ledger>(sim, log_, character);
    made.on_end = [this, &made](const caf::error&) {
      framework_ended(made);
    };
  }
}

void tested_cluster::start() {
  start_masters();
  for (auto& agent : agents())
    start_agent(*agent);
  for (auto& framework : frameworks_)
    start_framework(*framework);
}

void tested_cluster::start_framework(tested_framework& which) {
  auto& ledger = *which.ledger;
  if (!ledger.id().empty() && log_.has_ended(ledger.id()))
    ledger.ended();
  auto began_without = [](auto& life) {
    return life.founds;
  };
  if (ledger.id().empty()
      && std::any_of(which.lives.begin(), which.lives.end(), began_without))
    return;
  driver_options options;
  options.info = ledger.character().info();
  if (!ledger.id().empty())
    options.info.mutable_id()->set_value(ledger.id().text());
  options.explicit_acknowledgements
    = ledger.character().explicit_acknowledgements;
  options.limits.reconcile_last = milliseconds{8'000};
  options.limits.subscribe_timeout = milliseconds{3'000};
  simulated_cluster::start_framework(
    which, std::move(options),
    [this, &ledger](caf::actor_system& system,
                    const framework_driver_actor& driver) -> scheduler_actor {
      return system.spawn(simulated_scheduler, &sim_, &ledger, driver);
    });
}

void tested_cluster::crash_framework(tested_framework& which) {
  simulated_cluster::crash_framework(which);
  which.ledger->set_hungry(false);
}

void tested_cluster::framework_ended(tested_framework& which) {
  which.ledger->set_hungry(false);
  // The one that took its place is there; without one, the next is started.
  if (which.lives.empty())
    sim_.after(restart_pause, [this, &which] {
      if (which.lives.empty())
        start_framework(which);
    });
}

} // namespace agora::simulation
