// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/node/node_program.hpp"
#include "tools/agora-load/emulated_processes.hpp"
#include "tools/agora-load/latency_histogram.hpp"
#include "tools/agora-load/runs.hpp"

#include <algorithm>

namespace agora::load {

namespace {

using clock = std::chrono::steady_clock;

/// Tasks launched one at a time to see how long that takes.
constexpr uint64_t probe_tasks = 200;

/// Agents that an "empty" cluster has.
constexpr uint32_t few_agents = 10;

/// Launches tasks one after the other; returns how long each took.
result<latency_histogram> probe(load_cluster& cluster) {
  load_cluster::launch one_by_one;
  one_by_one.tasks = probe_tasks;
  one_by_one.command = "true";
  one_by_one.in_flight = 1;
  if (auto err = cluster.launch_tasks(one_by_one))
    return err;
  auto counted = cluster.tally();
  if (!counted)
    return counted.error();
  latency_histogram latencies;
  latencies.add(counted->accept_to_running());
  return latencies;
}

uint64_t master_memory(load_cluster& cluster) {
  if (!cluster.has_own_master())
    return 0;
  auto used = cluster.master_usage();
  return used ? used->resident_bytes : 0;
}

double slope(uint64_t half, uint64_t all, uint64_t count) {
  return rounded((static_cast<double>(all) - static_cast<double>(half))
                 / static_cast<double>(std::max<uint64_t>(1, count)));
}

status hold_agents(load_cluster& cluster, HoldFigures& figures) {
  auto all = cluster.settings().agents;
  auto few = std::min(few_agents, all);
  if (auto err = cluster.start_agents(few))
    return err;
  // One framework, so that one task at a time is one in the cluster.
  if (auto err = cluster.start_frameworks(1))
    return err;
  auto empty = probe(cluster);
  if (!empty)
    return empty.error();
  figures.set_empty_accept_to_running_p50_ms(rounded(empty->quantile_ms(0.5)));
  figures.set_empty_accept_to_running_p99_ms(rounded(empty->quantile_ms(0.99)));
  auto half = std::max(all / 2, few);
  auto begin = clock::now();
  if (auto err = cluster.start_agents(half - few))
    return err;
  auto memory_at_half = master_memory(cluster);
  if (auto err = cluster.start_agents(all - half))
    return err;
  auto seconds = std::chrono::duration<double>(clock::now() - begin).count();
  if (all > few)
    figures.set_registered_per_second(
      rounded(static_cast<double>(all - few) / seconds));
  if (cluster.has_own_master())
    figures.set_bytes_per_agent(
      slope(memory_at_half, master_memory(cluster), all - half));
  return {};
}

status hold_tasks(load_cluster& cluster, HoldFigures& figures) {
  auto all = cluster.settings().tasks;
  auto half = all / 2;
  load_cluster::launch held;
  held.command = emulated_processes::held_command;
  held.to_the_end = false;
  // Spread over all agents.
  held.per_offer = static_cast<uint32_t>((half + cluster.settings().agents - 1)
                                         / cluster.settings().agents);
  held.per_offer = std::max(held.per_offer, 1u);
  held.tasks = half;
  if (auto err = cluster.launch_tasks(held))
    return err;
  auto memory_at_half = master_memory(cluster);
  held.tasks = all - half;
  if (auto err = cluster.launch_tasks(held))
    return err;
  figures.set_master_rss_bytes(master_memory(cluster));
  if (cluster.has_own_master())
    figures.set_bytes_per_task(
      slope(memory_at_half, master_memory(cluster), all - half));
  // The first launches wait behind what is left of the many before them: what
  // is stored, acknowledged and offered again.
  if (auto behind = probe(cluster); !behind)
    return behind.error();
  auto held_latency = probe(cluster);
  if (!held_latency)
    return held_latency.error();
  figures.set_held_accept_to_running_p50_ms(
    rounded(held_latency->quantile_ms(0.5)));
  figures.set_held_accept_to_running_p99_ms(
    rounded(held_latency->quantile_ms(0.99)));
  if (auto err = cluster.finish_tasks())
    return err;
  if (auto err = cluster.settle())
    return err;
  auto expected = all + 3 * probe_tasks;
  figures.set_tasks_lost(
    expected - std::min(expected, cluster.totals().tasks_finished()));
  return {};
}

} // namespace

int run_hold(const load_settings& settings) {
  block_signals();
  if (auto err = check_settings(settings))
    return report_failure(err);
  auto cluster = load_cluster::start(settings);
  if (!cluster)
    return report_failure(cluster.error());
  HoldFigures figures;
  figures.set_agents(settings.agents);
  figures.set_tasks(settings.tasks);
  figures.set_connections((*cluster)->connections());
  if (auto err = hold_agents(**cluster, figures))
    return report_failure(err);
  if (auto err = hold_tasks(**cluster, figures))
    return report_failure(err);
  return report_figures(figures);
}

} // namespace agora::load
