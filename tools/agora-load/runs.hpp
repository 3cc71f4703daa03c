// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tools/agora-load/load_cluster.hpp"

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

/// Prints why a run failed.
int report_failure(const status& why);

/// Prints a run's figures.
int report_figures(const google::protobuf::Message& figures);

/// To three digits after the point: what is measured is not more exact.
double rounded(double value);

} // namespace agora::load
