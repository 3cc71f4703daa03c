// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/testing/world.hpp"

#include "runtime/messaging/wire_types.hpp"

#include <caf/scheduled_actor.hpp>

#include <cstdio>

namespace agora::simulation {

namespace {

/// What wall clocks show at the beginning.
constexpr wall_time wall_start{std::chrono::seconds{1'750'000'000}};

/// Messages that are handled without time moving: beyond this, two actors
/// answer each other for ever.
constexpr size_t steps_at_rest_limit = 2'000'000;

constexpr std::chrono::milliseconds longest_stall{40};

} // namespace

world::config::config() {
  register_wire_types(*this);
  set("scheduler.policy", caf::atom("testing"));
}

world::world(uint64_t seed, double stall_chance)
  : scheduler_(
    dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())),
    random_(seed),
    order_(random_.fork()),
    stall_chance_(stall_chance) {
  processes_.push_back({"nobody", true, false, 0, {}});
  scheduler_.clock().current_time += std::chrono::hours{1};
  start_ = now();
}

wall_time world::wall_now() const {
  return wall_start + std::chrono::duration_cast<wall_time::duration>(passed());
}

wall_clock world::wall() {
  return [this] {
    return wall_now();
  };
}

void world::after(duration delay, std::function<void()> what) {
  events_.emplace(std::pair{now() + delay, next_event_++}, std::move(what));
}

// -- processes ----------------------------------------------------------------

process_number world::begin_process(std::string name) {
  processes_.push_back({std::move(name), true, false, 0, {}});
  return static_cast<process_number>(processes_.size() - 1);
}

void world::as(process_number process, const std::function<void()>& what) {
  assign_new_actors(current_);
  auto before = std::exchange(current_, process);
  what();
  assign_new_actors(process);
  current_ = before;
}

void world::assign_new_actors(process_number process) {
  owners_.resize(system_.latest_actor_id() + 1, process);
}

process_number world::process_of(caf::actor_id actor) const {
  return actor < owners_.size() ? owners_[actor] : no_process;
}

void world::stop(process_number process) {
  processes_[process].stopped = true;
}

void world::proceed(process_number process) {
  auto& which = processes_[process];
  which.stopped = false;
  if (!which.lives)
    return;
  for (auto* job : std::exchange(which.held, {}))
    scheduler_.jobs.push_back(job);
}

void world::kill(process_number process) {
  processes_[process].lives = false;
}

bool world::lives(process_number process) const {
  return processes_[process].lives;
}

uint64_t world::steps_of(process_number process) const {
  return processes_[process].steps;
}

bool world::stopped(process_number process) const {
  return processes_[process].stopped;
}

const std::string& world::name_of(process_number process) const {
  return processes_[process].name;
}

// -- running ------------------------------------------------------------------

bool world::run_job() {
  auto& jobs = scheduler_.jobs;
  while (!jobs.empty()) {
    std::swap(jobs[order_.below(jobs.size())], jobs.front());
    auto* job = jobs.front();
    // Every job is an actor: there are no brokers here.
    auto id = static_cast<caf::scheduled_actor*>(job)->id();
    auto owner = process_of(id);
    auto& which = processes_[owner];
    if (!which.lives || which.stopped) {
      which.held.push_back(job);
      jobs.pop_front();
      continue;
    }
    if (order_.chance(stall_chance_)) {
      jobs.pop_front();
      ++stalled_;
      after(order_.between(duration{1}, longest_stall), [this, job] {
        --stalled_;
        scheduler_.jobs.push_back(job);
      });
      continue;
    }
    mix(id);
    current_ = owner;
    scheduler_.try_run_once();
    assign_new_actors(owner);
    current_ = no_process;
    ++steps_;
    // Not by `which`: a process may have begun meanwhile.
    ++processes_[owner].steps;
    return true;
  }
  return false;
}

bool world::advance(time_point until) {
  auto& clock = scheduler_.clock();
  auto& timeouts = clock.schedule();
  auto event = events_.begin();
  auto own = event == events_.end() ? time_point::max() : event->first.first;
  auto caf_due = timeouts.empty() ? time_point::max() : timeouts.begin()->first;
  auto next = std::min(own, caf_due);
  if (next > until) {
    clock.current_time = std::max(clock.current_time, until);
    return false;
  }
  clock.current_time = std::max(clock.current_time, next);
  mix(static_cast<uint64_t>(passed().count()));
  if (caf_due <= own) {
    clock.trigger_timeout();
  } else {
    auto what = std::move(event->second);
    events_.erase(event);
    what();
    assign_new_actors(no_process);
  }
  return true;
}

void world::run(time_point until) {
  paused_ = false;
  while (!failed()) {
    if (run_job()) {
      if (++steps_at_rest_ > steps_at_rest_limit)
        violated("the actors do not come to rest");
      continue;
    }
    steps_at_rest_ = 0;
    if (on_rest_)
      on_rest_();
    if (failed() || paused_ || !advance(until))
      return;
  }
}

void world::violated(std::string text) {
  if (failed())
    return;
  violation_ = std::move(text);
  say("VIOLATED: " + violation_);
}

void world::say(const std::string& text) {
  if (!verbose_)
    return;
  std::printf("%10.6f %s\n", std::chrono::duration<double>(passed()).count(),
              text.c_str());
}

} // namespace agora::simulation
