// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/node/node_program.hpp"
#include "tools/agora-load/load_totals.hpp"
#include "tools/agora-load/runs.hpp"

#include <algorithm>

namespace agora::load {

namespace {

using clock = std::chrono::steady_clock;

constexpr uint32_t rounds_limit = 1'000;

/// Without two masters left of three nobody would lead.
constexpr uint32_t fewest_masters = 3;

/// Of each round, in seconds from the kill.
struct round_figures {
  std::vector<double> commit;
  std::vector<double> offer;
  std::vector<double> all_agents;
};

double median(std::vector<double> values) {
  auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return rounded(*middle);
}

double worst(const std::vector<double>& values) {
  return rounded(*std::max_element(values.begin(), values.end()));
}

/// Waits until every master is connected and has everything.
status await_followers(load_cluster& cluster) {
  return cluster.wait([&]() -> std::optional<std::string> {
    auto list = cluster.ask_masters();
    if (!list)
      return "the masters are asked who they are";
    uint32_t ready = 0;
    for (auto& master : list->masters())
      ready += master.connected() ? 1 : 0;
    if (ready == cluster.settings().own_masters && list->leader() != 0)
      return std::nullopt;
    return std::to_string(ready) + " masters are connected";
  });
}

status await_leader(load_cluster& cluster, clock::time_point killed,
                    round_figures& figures) {
  uint32_t attached = 0;
  auto committed = false;
  auto everybody = false;
  return cluster.wait([&]() -> std::optional<std::string> {
    if (!everybody)
      if (auto now = cluster.ask_status()) {
        if (!std::exchange(committed, true))
          figures.commit.push_back(seconds_since(killed));
        attached = now->agents_attached();
        everybody = attached >= cluster.settings().agents;
        if (everybody)
          figures.all_agents.push_back(seconds_since(killed));
      }
    auto offered = cluster.totals().first_offer_ns();
    if (everybody && offered != 0) {
      auto from = nanoseconds_of(killed);
      figures.offer.push_back(static_cast<double>(offered - from) / 1e9);
      return std::nullopt;
    }
    return std::to_string(attached) + " agents are back, "
           + (offered == 0 ? "no offer yet" : "offers come");
  });
}

status play_round(load_cluster& cluster, round_figures& figures) {
  if (auto err = await_followers(cluster))
    return err;
  auto leads = cluster.leading_master();
  if (!leads)
    return std::move(leads.error());
  auto killed = clock::now();
  cluster.kill_master(*leads);
  // Only now: an offer that comes is of the new leader, or crossed the kill.
  Order watch;
  watch.mutable_watch_offers();
  if (auto err = cluster.order_frameworks(watch))
    return err;
  if (auto err = await_leader(cluster, killed, figures))
    return err;
  return cluster.start_master(*leads);
}

status count_tasks(load_cluster& cluster, FailoverFigures& figures) {
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
  return {};
}

status measure(load_cluster& cluster, uint32_t rounds,
               FailoverFigures& figures) {
  if (auto err = hold_everything(cluster))
    return err;
  round_figures all;
  for (uint32_t i = 0; i < rounds; ++i)
    if (auto err = play_round(cluster, all))
      return err;
  figures.set_seconds_to_commit_median(median(all.commit));
  figures.set_seconds_to_commit_worst(worst(all.commit));
  figures.set_seconds_to_offer_median(median(all.offer));
  figures.set_seconds_to_offer_worst(worst(all.offer));
  figures.set_seconds_to_all_agents_median(median(all.all_agents));
  figures.set_seconds_to_all_agents_worst(worst(all.all_agents));
  auto used = cluster.master_usage();
  if (!used)
    return used.error();
  figures.set_master_rss_bytes(used->resident_bytes);
  return count_tasks(cluster, figures);
}

status check(const load_settings& settings, uint32_t rounds) {
  if (auto err = check_settings(settings))
    return err;
  if (settings.own_masters < fewest_masters)
    return fail(errc::invalid_config,
                "--masters: at least 3, of which one may die");
  if (rounds < 1 || rounds > rounds_limit)
    return fail(errc::invalid_config,
                "--rounds: from 1 to " + std::to_string(rounds_limit));
  return {};
}

} // namespace

int run_failover(const load_settings& settings, uint32_t rounds) {
  block_signals();
  if (auto err = check(settings, rounds))
    return report_failure(err);
  auto cluster = load_cluster::start(settings);
  if (!cluster)
    return report_failure(cluster.error());
  FailoverFigures figures;
  figures.set_masters(settings.own_masters);
  figures.set_agents(settings.agents);
  figures.set_tasks(settings.tasks);
  figures.set_rounds(rounds);
  figures.set_connections((*cluster)->connections());
  if (auto err = measure(**cluster, rounds, figures))
    return report_failure(err);
  return report_figures(figures);
}

} // namespace agora::load
