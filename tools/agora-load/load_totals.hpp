// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tools/agora-load/latency_histogram.hpp"

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace agora::load {

/// What the frameworks of this process have counted together. Any thread may
/// call it.
class load_totals {
public:
  using time_point = std::chrono::steady_clock::time_point;

  void subscribed();
  void accepted(uint64_t tasks, time_point now);
  void running(std::chrono::nanoseconds since_accept);
  void finished(time_point now);
  void dropped();
  void failed(const std::string& what);
  void offered(time_point now);

  /// From now on latencies and the first offer count anew.
  void begin();
  void begin_watch();

  /// Fills in what frameworks count.
  void fill(Report& report, bool with_latencies) const;

private:
  mutable std::mutex mutex_;
  Report counts_;
  latency_histogram latencies_;
};

/// Takes a process's newer report for its last one. Latencies come only when
/// they are asked for: those of the last answer stand until the next.
void take_newer(Report& last, Report news);

/// Of the machine's monotonic clock, so that processes may compare.
uint64_t nanoseconds_of(load_totals::time_point when);

} // namespace agora::load
