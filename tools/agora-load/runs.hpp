// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tools/agora-load/load_cluster.hpp"

#include <chrono>

// What agora-load measures: each run has a cluster of its own, prints its
// figures as one line of JSON, and returns the exit code.

namespace agora::load {

/// Launches tasks as fast as the cluster takes them.
int run_launch(const load_settings& settings);

/// Holds agents and running tasks, and measures what they cost the master.
int run_hold(const load_settings& settings);

/// Kills the master while all tasks run, starts it again, and looks for tasks
/// that were lost or started twice.
int run_restart(const load_settings& settings);

/// Kills the leading one of several masters, again and again, while all tasks
/// run; looks for how long nobody leads, and for tasks that were lost or
/// started twice.
int run_failover(const load_settings& settings, uint32_t rounds);

/// Has `settings.agents` attached and `settings.tasks` running, on agents with
/// room for more.
status hold_everything(load_cluster& cluster);

/// Prints why a run failed.
int report_failure(const status& why);

/// Prints a run's figures.
int report_figures(const google::protobuf::Message& figures);

inline double seconds_since(std::chrono::steady_clock::time_point when) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - when)
    .count();
}

/// To three digits after the point: what is measured is not more exact.
double rounded(double value);

} // namespace agora::load
