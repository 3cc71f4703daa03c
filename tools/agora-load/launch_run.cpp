// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/json/json_codec.hpp"
#include "runtime/node/command_line.hpp"
#include "runtime/node/node_program.hpp"
#include "tools/agora-load/latency_histogram.hpp"
#include "tools/agora-load/runs.hpp"

#include <cmath>
#include <csignal>
#include <cstdio>

namespace agora::load {

namespace {

/// How often the command is started to see what a start costs by itself.
constexpr int spawn_runs = 200;

/// What the processes have used at one moment.
struct usage_mark {
  std::chrono::microseconds master{0};
  std::chrono::microseconds agents{0};
  std::chrono::microseconds frameworks{0};
  /// Of shims and tasks that have come to this process to be waited for.
  std::chrono::microseconds orphans{0};
  uint64_t messages = 0;
};

result<usage_mark> mark_usage(load_cluster& cluster) {
  auto counted = cluster.tally();
  if (!counted)
    return counted.error();
  usage_mark mark;
  mark.messages = counted->messages();
  mark.agents = cluster.agents_cpu();
  mark.frameworks = cluster.frameworks_cpu();
  mark.orphans = children_cpu();
  if (cluster.has_own_master()) {
    auto used = cluster.master_usage();
    if (!used)
      return used.error();
    mark.master = used->cpu;
  }
  return mark;
}

double per_task(std::chrono::microseconds used, uint64_t tasks) {
  return rounded(static_cast<double>(used.count())
                 / static_cast<double>(tasks));
}

/// Fills in what emulated agents do not have.
status add_real_figures(load_cluster& cluster, const usage_mark& before,
                        const usage_mark& after, LaunchFigures& figures) {
  auto alone = spawn_cpu_us(cluster.settings().command, spawn_runs);
  if (!alone)
    return alone.error();
  auto used = after.agents - before.agents + after.orphans - before.orphans;
  figures.set_agent_cpu_us_per_task(per_task(used, figures.tasks()));
  figures.set_spawn_cpu_us(rounded(*alone));
  figures.set_cpu_per_launch_ratio(
    rounded(figures.agent_cpu_us_per_task() / *alone));
  return {};
}

status measure(load_cluster& cluster, LaunchFigures& figures) {
  auto& settings = cluster.settings();
  if (auto err = cluster.start_agents(settings.agents))
    return err;
  if (auto err = cluster.start_frameworks(settings.frameworks))
    return err;
  auto before = mark_usage(cluster);
  if (!before)
    return before.error();
  load_cluster::launch what;
  what.tasks = settings.tasks;
  what.command = settings.command;
  what.in_flight = settings.in_flight;
  if (auto err = cluster.launch_tasks(what))
    return err;
  if (auto err = cluster.settle())
    return err;
  auto after = mark_usage(cluster);
  if (!after)
    return after.error();
  auto counted = cluster.totals();
  auto last = std::max(counted.settled_at_ns(), counted.last_finished_ns());
  auto seconds = static_cast<double>(last - counted.first_accept_ns()) / 1e9;
  latency_histogram latencies;
  latencies.add(counted.accept_to_running());
  auto tasks = settings.tasks;
  figures.set_agents(settings.agents);
  figures.set_frameworks(settings.frameworks);
  figures.set_tasks(tasks);
  figures.set_connections(cluster.connections());
  figures.set_real(settings.real);
  figures.set_seconds(rounded(seconds));
  figures.set_tasks_per_second(
    rounded(static_cast<double>(counted.tasks_finished()) / seconds));
  figures.set_accept_to_running_p50_ms(rounded(latencies.quantile_ms(0.5)));
  figures.set_accept_to_running_p99_ms(rounded(latencies.quantile_ms(0.99)));
  figures.set_agent_cpu_us_per_task(
    per_task(after->agents - before->agents, tasks));
  figures.set_framework_cpu_us_per_task(
    per_task(after->frameworks - before->frameworks, tasks));
  // Of real agents, only what frameworks exchange is seen.
  if (!settings.real)
    figures.set_messages_per_task(
      rounded(static_cast<double>(after->messages - before->messages)
              / static_cast<double>(tasks)));
  figures.set_tasks_dropped(counted.tasks_dropped());
  figures.set_tasks_lost(tasks - std::min(tasks, counted.tasks_finished()));
  if (!settings.real)
    figures.set_tasks_doubled(counted.tasks_started_again());
  if (cluster.has_own_master()) {
    figures.set_master_cpu_us_per_task(
      per_task(after->master - before->master, tasks));
    auto used = cluster.master_usage();
    if (!used)
      return used.error();
    figures.set_master_rss_bytes(used->resident_bytes);
  }
  if (counted.tasks_failed() != 0)
    cluster.progress().say(std::to_string(counted.tasks_failed())
                           + " tasks failed, the first with "
                           + counted.first_failure());
  if (settings.real)
    return add_real_figures(cluster, *before, *after, figures);
  return {};
}

} // namespace

int run_launch(const load_settings& settings) {
  block_signals();
  if (auto err = check_settings(settings))
    return report_failure(err);
  auto cluster = load_cluster::start(settings);
  if (!cluster)
    return report_failure(cluster.error());
  LaunchFigures figures;
  if (auto err = measure(**cluster, figures))
    return report_failure(err);
  return report_figures(figures);
}

int report_failure(const status& why) {
  std::fprintf(stderr, "agora-load: %s\n", text_of(why).c_str());
  if (code_of(why) == errc::shutting_down)
    return 128 + SIGINT;
  return code_of(why) == errc::invalid_config ? exit_usage : exit_failed;
}

int report_figures(const google::protobuf::Message& figures) {
  std::puts(to_json(figures).c_str());
  return 0;
}

double rounded(double value) {
  constexpr double steps = 1'000;
  return std::round(value * steps) / steps;
}

} // namespace agora::load
