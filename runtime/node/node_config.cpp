// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/node/node_config.hpp"

#include "runtime/messaging/wire_types.hpp"

#include <caf/io/middleman.hpp>

#include <algorithm>
#include <chrono>
#include <thread>

namespace agora {

namespace {

// Process-wide and slow on purpose: one broker serves all connections, and
// sessions watch their peers themselves. Every node must set both, or an idle
// peer is falsely declared down.
constexpr caf::timespan heartbeat_interval = std::chrono::seconds{10};
constexpr caf::timespan connection_timeout = std::chrono::seconds{60};

constexpr uint32_t fewest_workers = 2;
constexpr uint32_t most_workers_by_default = 16;

} // namespace

node_config::node_config(uint32_t worker_threads) {
  if (worker_threads == 0)
    worker_threads = std::clamp(std::thread::hardware_concurrency(),
                                fewest_workers, most_workers_by_default);
  load<caf::io::middleman>();
  register_wire_types(*this);
  set("scheduler.max-threads", static_cast<size_t>(worker_threads));
  // Workers sleep until there is work. Those of the default, "stealing", look
  // for it 20,000 times a second for a while after each message: a fifth of
  // the CPU of a cluster under load, and no faster when the machine is not.
  set("scheduler.policy", caf::atom("sharing"));
  set("middleman.heartbeat-interval", heartbeat_interval);
  set("middleman.connection-timeout", connection_timeout);
  set("middleman.enable-automatic-connections", false);
}

} // namespace agora
