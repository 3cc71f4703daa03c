// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/testing/random_source.hpp"
#include "runtime/base/wall_clock.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace agora::simulation {

/// One life of one process; never used again after its death.
using process_number = uint32_t;

/// What belongs to no process: the network, and CAF's own actors.
inline constexpr process_number no_process = 0;

/// Runs the actors of many processes on one thread: one message of one actor
/// at a time, chosen by chance, on clocks that move only when nobody has
/// anything left to do. Knows which process each actor belongs to, and so can
/// stop, continue and kill processes as signals do: a process that is killed
/// does not get to handle one more message.
///
/// It also holds the run's verdict: the first violation ends the run.
class world {
public:
  using duration = std::chrono::nanoseconds;
  using time_point = caf::actor_clock::time_point;

  /// @param stall_chance How likely an actor whose turn it is has to wait for
  ///        some virtual time, as a thread does that the system puts aside.
  world(uint64_t seed, double stall_chance);

  caf::actor_system& system() {
    return system_;
  }

  /// For everything that has no source of its own.
  random_source& random() {
    return random_;
  }

  // -- time -------------------------------------------------------------------

  time_point now() const {
    return scheduler_.clock().current_time;
  }

  /// Since the beginning.
  duration passed() const {
    return now() - start_;
  }

  /// What all wall clocks show: they move with now().
  wall_time wall_now() const;
  wall_clock wall();

  /// Calls `what` when `delay` has passed. It is not of any process, and has to
  /// look whether whom it is about still lives.
  void after(duration delay, std::function<void()> what);

  // -- processes --------------------------------------------------------------

  process_number begin_process(std::string name);

  /// What is spawned in `what` belongs to `process`.
  void as(process_number process, const std::function<void()>& what);

  /// SIGSTOP: its actors handle nothing until it continues.
  void stop(process_number process);
  void proceed(process_number process);

  /// SIGKILL.
  void kill(process_number process);

  bool lives(process_number process) const;
  /// Messages that its actors have handled.
  uint64_t steps_of(process_number process) const;
  bool stopped(process_number process) const;
  const std::string& name_of(process_number process) const;

  // -- running ----------------------------------------------------------------

  /// Called each time when nobody has anything left to do at the present time.
  void on_rest(std::function<void()> what) {
    on_rest_ = std::move(what);
  }

  /// Runs until `until`, or until there is a verdict.
  void run(time_point until);

  /// Makes run() return when nobody has anything left to do at the present
  /// time. For on_rest.
  void pause() {
    paused_ = true;
  }

  /// The process whose actor handles a message; no_process otherwise.
  process_number current() const {
    return current_;
  }

  /// Whether some actor waits though it has messages.
  bool has_stalled() const {
    return stalled_ > 0;
  }

  /// No actor is put aside any more.
  void end_stalls() {
    stall_chance_ = 0;
  }

  // -- the verdict ------------------------------------------------------------

  /// Something is wrong: the run ends. Only the first text is kept.
  void violated(std::string text);

  bool failed() const {
    return !violation_.empty();
  }

  const std::string& violation() const {
    return violation_;
  }

  // -- the trace --------------------------------------------------------------

  /// Makes `value` a part of what two runs of the same seed must agree on.
  void mix(uint64_t value) {
    hash_ = (hash_ ^ value) * 0x100000001b3u;
  }

  /// Over everything that was done, in order.
  uint64_t hash() const {
    return hash_;
  }

  uint64_t steps() const {
    return steps_;
  }

  /// Prints a line with the virtual time, if anybody wants to see it.
  void say(const std::string& text);
  void verbose(bool on) {
    verbose_ = on;
  }
  bool is_verbose() const {
    return verbose_;
  }

private:
  struct process_record {
    std::string name;
    bool lives = true;
    bool stopped = false;
    uint64_t steps = 0;
    /// Of a process that is stopped or dead: actors that have messages.
    std::vector<caf::resumable*> held;
  };

  struct config : caf::actor_system_config {
    config();
  };

  bool run_job();
  bool advance(time_point until);
  process_number process_of(caf::actor_id actor) const;
  void assign_new_actors(process_number process);

  config config_;
  caf::actor_system system_{config_};
  caf::scheduler::test_coordinator& scheduler_;
  time_point start_;
  random_source random_;
  random_source order_;
  double stall_chance_;
  size_t stalled_ = 0;
  bool paused_ = false;
  /// Messages handled since time last moved.
  size_t steps_at_rest_ = 0;

  std::vector<process_record> processes_;
  /// By actor id.
  std::vector<process_number> owners_;
  process_number current_ = no_process;

  uint64_t next_event_ = 0;
  std::map<std::pair<time_point, uint64_t>, std::function<void()>> events_;
  std::function<void()> on_rest_;

  std::string violation_;
  uint64_t hash_ = 0xcbf29ce484222325u;
  uint64_t steps_ = 0;
  bool verbose_ = false;
};

} // namespace agora::simulation
