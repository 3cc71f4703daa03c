// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/messaging/address.hpp"
#include "tools/agora-load/child_program.hpp"
#include "tools/agora-load/own_masters.hpp"
#include "tools/agora-load/process_usage.hpp"
#include "tools/agora-load/progress_line.hpp"

#include "agora/load/load.pb.h"
#include "agora/session/tool.pb.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace agora {

class cluster_client;

} // namespace agora

namespace agora::load {

/// What a run is made of, whatever it measures.
struct load_settings {
  uint32_t agents = 1'000;
  uint32_t frameworks = 10;
  uint64_t tasks = 100'000;
  /// An own cluster if they are not given.
  std::optional<std::vector<node_address>> masters;
  /// Masters of the own cluster.
  uint32_t own_masters = 1;
  /// Processes that emulate agents, and connections of each to the master.
  uint32_t processes = 4;
  uint32_t connections = 4;
  /// Agents are `agorad agent`, and tasks are processes that run `command`.
  bool real = false;
  std::string command = "true";
  /// Tasks of one framework that run at once; 0: as many as fit.
  uint32_t in_flight = 0;
  /// A run that comes no nearer to its end for so long fails.
  std::chrono::seconds patience{60};
};

inline constexpr uint32_t agents_limit = 200'000;
inline constexpr uint32_t real_agents_limit = 50;
inline constexpr uint32_t frameworks_limit = 10'000;
inline constexpr uint64_t tasks_limit = 10'000'000;
inline constexpr uint32_t own_masters_limit = 15;
inline constexpr uint32_t processes_limit = 64;
inline constexpr uint32_t connections_limit = 64;

/// Fails with errc::invalid_config, naming the setting.
status check_settings(const load_settings& settings);

/// The processes of a run: the load's own, and a cluster in a temporary
/// directory unless there is an address. All of it goes with this object.
///
/// Every wait ends: with what was waited for, with the end of a process that
/// is needed, with SIGINT or SIGTERM (errc::shutting_down), or when nothing
/// has changed for `patience` (errc::timeout, which says what is missing).
class load_cluster {
public:
  /// Signals must be blocked (block_signals) before any thread was started.
  static result<std::unique_ptr<load_cluster>> start(load_settings settings);

  load_cluster(const load_cluster&) = delete;
  load_cluster& operator=(const load_cluster&) = delete;
  ~load_cluster();

  /// Starts `count` more agents; returns when the master has all of them.
  status start_agents(uint32_t count);

  /// Starts `count` more frameworks; returns when all have subscribed.
  status start_frameworks(uint32_t count);

  /// Has the frameworks launch `what.tasks` more tasks, in equal shares, and
  /// waits until as many of all launched tasks run or have finished.
  struct launch {
    uint64_t tasks = 0;
    std::string command;
    uint32_t in_flight = 0;
    uint32_t per_offer = 0;
    /// Until they have finished, or only until they run.
    bool to_the_end = true;
  };
  status launch_tasks(const launch& what);

  /// Ends all tasks and waits until each was told to its framework.
  status finish_tasks();

  /// Waits until each acknowledgement is committed and has reached its agent.
  status settle();

  /// Which of the own masters leads. @pre has_own_master().
  result<size_t> leading_master();

  /// Kills an own master with SIGKILL. @pre has_own_master().
  void kill_master(size_t which);

  /// Starts it again, on its port and data; returns when it listens.
  status start_master(size_t which);

  /// Sends `order` to every process of the load that emulates frameworks, or to
  /// those that emulate agents, and waits until it is done.
  status order_frameworks(const Order& order);
  status order_agents(const Order& order);

  /// Everything that the load's processes have counted, added up, with
  /// latencies.
  result<Report> tally();

  /// As of the last reports.
  Report totals() const;

  /// Waits until `missing` returns nothing; what it returns is shown, and the
  /// wait is given up when it stays the same for too long.
  status wait(const std::function<std::optional<std::string>()>& missing);

  /// What the master that leads says of the cluster.
  result<session::ClusterStatus> ask_status();

  /// What a master says of the masters; who leads says it if it is reached
  /// first.
  result<session::MasterList> ask_masters();

  bool has_own_master() const;
  /// CPU and memory of the own master that leads. @pre has_own_master().
  result<process_usage> master_usage();
  /// CPU of all agents; of real ones with their tasks.
  std::chrono::microseconds agents_cpu() const;
  std::chrono::microseconds frameworks_cpu() const;
  uint32_t connections() const;

  const load_settings& settings() const {
    return settings_;
  }

  progress_line& progress() {
    return progress_;
  }

private:
  explicit load_cluster(load_settings settings);

  status begin();
  status start_own_masters();
  status await_listening(size_t which);
  status start_workers();
  status start_real_agents(uint32_t count);
  result<load_worker> start_worker(const std::string& name,
                                   uint32_t connections);
  status order(std::vector<load_worker>& workers, const Order& what);
  status wait_for_answers(std::vector<load_worker>& workers,
                          const std::string& what);
  /// Reads reports for a moment. Fails if a process has ended, or at a signal.
  status look();
  std::string file(const std::string& name) const;

  load_settings settings_;
  progress_line progress_;
  std::filesystem::path directory_;
  unique_fd signals_;
  std::vector<node_address> masters_;
  std::optional<own_masters> own_;
  std::vector<load_worker> agents_;
  std::vector<load_worker> frameworks_;
  std::vector<child_program> real_agents_;
  std::unique_ptr<cluster_client> client_;
  uint32_t agents_wanted_ = 0;
  uint32_t frameworks_wanted_ = 0;
  uint64_t tasks_wanted_ = 0;
};

} // namespace agora::load
