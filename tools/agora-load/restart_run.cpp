// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/node/node_program.hpp"
#include "tools/agora-load/emulated_processes.hpp"
#include "tools/agora-load/load_totals.hpp"
#include "tools/agora-load/runs.hpp"

#include <algorithm>

namespace agora::load {

namespace {

using clock = std::chrono::steady_clock;

/// Waits for the first offer and for all agents after the master's end.
status await_return(load_cluster& cluster, clock::time_point killed,
                    RestartFigures& figures) {
  uint32_t attached = 0;
  std::optional<double> all_agents;
  return cluster.wait([&]() -> std::optional<std::string> {
    if (!all_agents) {
      if (auto now = cluster.ask_status())
        attached = now->agents_attached();
      if (attached >= cluster.settings().agents)
        all_agents = seconds_since(killed);
    }
    auto offered = cluster.totals().first_offer_ns();
    if (all_agents && offered != 0) {
      auto from = nanoseconds_of(killed);
      figures.set_seconds_to_all_agents(rounded(*all_agents));
      figures.set_seconds_to_first_offer(
        rounded(static_cast<double>(offered - from) / 1e9));
      return std::nullopt;
    }
    return std::to_string(attached) + " agents are back, "
           + (offered == 0 ? "no offer yet" : "offers come");
  });
}

status measure(load_cluster& cluster, RestartFigures& figures) {
  if (auto err = hold_everything(cluster))
    return err;
  Order watch;
  watch.mutable_watch_offers();
  auto killed = clock::now();
  cluster.kill_master(0);
  // Only now: an offer that comes is of the new master.
  if (auto err = cluster.order_frameworks(watch))
    return err;
  if (auto err = cluster.start_master(0))
    return err;
  if (auto err = await_return(cluster, killed, figures))
    return err;
  auto used = cluster.master_usage();
  if (!used)
    return used.error();
  figures.set_master_rss_bytes(used->resident_bytes);
  if (auto err = cluster.finish_tasks())
    return err;
  if (auto err = cluster.settle())
    return err;
  auto counted = cluster.tally();
  if (!counted)
    return counted.error();
  auto tasks = cluster.settings().tasks;
  figures.set_tasks_lost(tasks - std::min(tasks, counted->tasks_finished()));
  figures.set_tasks_doubled(counted->tasks_started_again());
  if (counted->tasks_failed() != 0)
    cluster.progress().say(std::to_string(counted->tasks_failed())
                           + " tasks failed, the first with "
                           + counted->first_failure());
  return {};
}

} // namespace

status hold_everything(load_cluster& cluster) {
  auto& settings = cluster.settings();
  if (auto err = cluster.start_agents(settings.agents))
    return err;
  if (auto err = cluster.start_frameworks(settings.frameworks))
    return err;
  load_cluster::launch held;
  held.command = emulated_processes::held_command;
  held.to_the_end = false;
  held.tasks = settings.tasks;
  held.per_offer = static_cast<uint32_t>((settings.tasks + settings.agents - 1)
                                         / settings.agents);
  return cluster.launch_tasks(held);
}

int run_restart(const load_settings& settings) {
  block_signals();
  if (auto err = check_settings(settings))
    return report_failure(err);
  auto cluster = load_cluster::start(settings);
  if (!cluster)
    return report_failure(cluster.error());
  RestartFigures figures;
  figures.set_agents(settings.agents);
  figures.set_tasks(settings.tasks);
  figures.set_connections((*cluster)->connections());
  if (auto err = measure(**cluster, figures))
    return report_failure(err);
  return report_figures(figures);
}

} // namespace agora::load
