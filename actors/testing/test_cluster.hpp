// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/scheduler/driver_options.hpp"
#include "actors/scheduler/framework_driver_actor.hpp"
#include "actors/testing/cluster_settings.hpp"
#include "actors/testing/simulated_host.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"

#include "agora/v1/tasks.pb.h"

#include <caf/actor_cast.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace agora::simulation {

/// A process that an agent is about to start for a task.
struct launched_task {
  framework_id framework;
  task_id task;
  /// "agent0", "agent1", ...
  std::string agent;
  /// Command, arguments, environment, user, limits.
  const launch_spec& process;
};

/// Decides what the processes of tasks do.
using task_script = std::function<task_behavior(const launched_task& what)>;

/// A task as the cluster's log has it, from its launch on and for ever.
struct task_view {
  task_id id;
  framework_id framework;
  /// "agent0", "agent1", ...
  std::string agent;
  resources amount;
  v1::TaskState state = v1::TASK_STAGING;
  /// The state is terminal.
  bool ended = false;
  /// Its process runs, on any machine.
  bool runs = false;
  /// The newest, with its reason and message; empty before the first.
  v1::TaskStatus status;
};

/// An offer that was neither accepted nor declined.
struct offer_view {
  offer_id id;
  framework_id framework;
  std::string agent;
  std::string role;
  resources amount;
};

/// By order of test_cluster::add_framework, from 0 on.
using framework_number = size_t;
/// By order of test_cluster_options::agents and test_cluster::add_agent, from 0
/// on; the agent's hostname is "agent" and this number.
using agent_number = size_t;

struct test_cluster_options {
  /// The resources of each agent.
  std::vector<std::string> agents{"cpus:4;mem:4096", "cpus:4;mem:4096",
                                  "cpus:4;mem:4096"};

  /// Decides on latencies, and on the order of messages that are under way at
  /// the same time. Unset: what AGORA_SEED says, or 1.
  std::optional<uint64_t> seed;

  /// Prints what happens, and when, on standard output. Unset: whether
  /// AGORA_TRACE is set.
  std::optional<bool> trace;

  /// Of all nodes' own logs, as --log-level has it, for the whole process.
  std::string log_level = "off";

  /// Timeouts, the network and the disks; as in a real cluster, if nothing is
  /// set. behavior and work_dir are the cluster's own.
  cluster_settings settings;
};

/// A cluster for tests of a framework: the real master, agents and drivers in
/// this thread, on virtual time, over a simulated network. The tests' scheduler
/// runs in it as in production, and what its tasks do is up to the test.
///
///     test_cluster cluster;
///     auto mine = cluster.add_framework(options, spawn_my_scheduler);
///     EXPECT_TRUE(cluster.run_until([&] { return my_work_is_done(); }, 1h));
///
/// Time passes only in run_for and run_until, and then as fast as there is
/// nothing to do. Everything is decided by the seed: the same seed is the same
/// run. Whatever the test sees between two calls is as it is when nobody has
/// anything left to do at that time.
///
/// It is not for executors: tasks of a custom executor fail when they start.
/// Schedulers must take time from their clock (self->clock()), and do nothing
/// in threads of their own.
///
/// What it has used stays allocated until the process ends, some MiB: actors of
/// processes that were killed cannot be destroyed without waking them.
class test_cluster {
public:
  using duration = std::chrono::nanoseconds;

  /// Starts the master and the agents. Without a valid text for an agent's
  /// resources, or a temporary directory, it throws std::runtime_error.
  explicit test_cluster(test_cluster_options options = {});
  ~test_cluster();
  test_cluster(const test_cluster&) = delete;
  test_cluster& operator=(const test_cluster&) = delete;

  // -- time -------------------------------------------------------------------

  /// Since the cluster was made.
  duration passed() const;

  void run_for(duration time);

  /// Runs until `condition` holds, which is asked whenever nobody has anything
  /// left to do. Prints report() on standard error if it fails.
  /// @param limit Of virtual time: far too long costs little.
  /// @returns false if it did not come to that within `limit`.
  [[nodiscard]] bool run_until(const std::function<bool()>& condition,
                               duration limit);

  // -- frameworks -------------------------------------------------------------

  /// Starts a framework, on a machine of its own, as run_framework does. An
  /// unset user is "root". The factory is called for each of its processes.
  framework_number add_framework(driver_options options,
                                 scheduler_factory scheduler);

  /// Kills its process, as kill -9 does.
  void crash_framework(framework_number which);

  /// Starts it again, with the id that it had: unless it was torn down, it
  /// comes back as the framework that it was. One that still runs loses its
  /// place to the new one.
  void restart_framework(framework_number which);

  bool framework_runs(framework_number which) const;

  /// How its last process ended by itself: an error, or none if it ended as it
  /// should. Nothing if it has not.
  std::optional<status> framework_end(framework_number which) const;

  /// Empty until it was subscribed.
  framework_id id_of(framework_number which) const;

  /// Of its newest process; empty if it has ended. Tests send it messages with
  /// caf::anon_send, which are handled as time goes on.
  scheduler_actor scheduler_of(framework_number which) const;

  /// The state of its scheduler, if that was spawned as a stateful actor with
  /// this interface; null if not, or if it has ended.
  template <class State, class Interface = scheduler_actor>
  State* state_of(framework_number which) const {
    auto handle = scheduler_of(which);
    if (!handle)
      return nullptr;
    auto actor
      = dynamic_cast<typename Interface::template stateful_pointer<State>>(
        caf::actor_cast<caf::abstract_actor*>(handle));
    return actor == nullptr ? nullptr : &actor->state;
  }

  // -- tasks and offers -------------------------------------------------------

  /// What processes do that are started from now on. Without a script, each
  /// runs for a second and succeeds.
  void script(task_script what);

  /// The process of a task ends now.
  /// @returns false if none runs.
  bool end_task(const std::string& task, int exit_code = 0);

  /// All that were ever launched, in this order.
  std::vector<task_view> tasks() const;

  /// The task of this id that was launched last.
  std::optional<task_view> task(const std::string& id) const;

  size_t count_tasks(v1::TaskState state) const;

  /// What is on offer; nothing while there is no master.
  std::vector<offer_view> offers() const;

  // -- agents -----------------------------------------------------------------

  /// Adds and starts one.
  agent_number add_agent(const std::string& resources);

  /// Kills the agent's process, as kill -9 does: its tasks run on.
  void crash_agent(agent_number which);

  /// The machine loses its power, and the tasks end.
  void power_off_agent(agent_number which);

  /// Starts it again, if it does not run.
  void start_agent(agent_number which);

  /// Nothing gets through between the agent's machine and the master, until it
  /// is connected again.
  void cut_off_agent(agent_number which);
  void reconnect_agent(agent_number which);

  /// Agents that the master can talk to.
  size_t attached_agents() const;

  // -- the rest ---------------------------------------------------------------

  void crash_master();
  void start_master();

  /// Between the framework's machine and the master.
  void cut_off_framework(framework_number which);
  void reconnect_framework(framework_number which);

  uint64_t seed() const;

  /// Over everything that has happened: two runs of a seed have the same.
  uint64_t hash() const;

  /// For people: the seed, what runs, all tasks and offers.
  std::string report() const;

private:
  struct core;
  std::unique_ptr<core> core_;
};

} // namespace agora::simulation
