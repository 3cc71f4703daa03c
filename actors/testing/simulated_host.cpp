// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/testing/simulated_host.hpp"

#include <csignal>
#include <utility>
#include <vector>

namespace agora::simulation {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// Between what the launcher is asked and what it has done.
constexpr microseconds launch_least{300};
constexpr milliseconds launch_most{8};

/// Between a signal and the end of a process that heeds it.
constexpr microseconds signal_least{100};
constexpr milliseconds signal_most{300};

} // namespace

task_behavior task_behavior::ends_after(std::chrono::milliseconds time,
                                        int exit_code) {
  task_behavior made;
  made.lasts = time;
  made.exit_code = exit_code;
  return made;
}

task_behavior task_behavior::hangs() {
  return {};
}

task_behavior task_behavior::resists() {
  task_behavior made;
  made.stubborn = true;
  return made;
}

task_behavior task_behavior::is_missing() {
  task_behavior made;
  made.missing = true;
  return made;
}

/// What the agent's containerizer holds: asks the host, in the name of one life
/// of the agent.
class simulated_host::launcher_of_agent final : public launcher {
public:
  launcher_of_agent(simulated_host& host, uint64_t life)
    : host_(host), life_(life) {
    // nop
  }

  status launch(launch_spec spec) override {
    if (auto bad = check_launch_spec(spec))
      return bad;
    if (life_ != host_.life_)
      return fail(errc::shutting_down, "this agent is dead");
    if (host_.containers_.contains(spec.task_key))
      return fail(errc::already_exists, "key " + spec.task_key + " is in use");
    auto behavior = host_.behavior_(spec, host_.name_);
    if (!behavior)
      return std::move(behavior.error());
    auto& fresh = host_.containers_[spec.task_key];
    fresh.behavior = std::move(*behavior);
    fresh.serial = ++host_.serials_;
    fresh.watched = true;
    host_.sim_.after(
      host_.random_.between(launch_least, launch_most),
      [&host = host_, key = spec.task_key, serial = fresh.serial] {
        host.begin(key, serial);
      });
    return {};
  }

  status reattach(std::string key, std::filesystem::path directory) override {
    if (auto bad = check_task_key(key))
      return bad;
    if (auto bad = check_run_directory(directory))
      return bad;
    if (life_ != host_.life_)
      return fail(errc::shutting_down, "this agent is dead");
    auto life = life_;
    host_.sim_.after(host_.random_.between(launch_least, launch_most),
                     [&host = host_, key = std::move(key), life] {
                       if (life != host.life_)
                         return;
                       auto found = host.containers_.find(key);
                       if (found != host.containers_.end()
                           && found->second.at != phase::asked) {
                         found->second.watched = true;
                         return host.tell_all(key, found->second, true);
                       }
                       host.containers_.erase(key);
                       host.tell(process_start_failed{key, "re-attach", 0,
                                                      "it was never started"});
                     });
    return {};
  }

  status signal(const std::string& key, kill_mode mode) override {
    auto found = host_.containers_.find(key);
    if (life_ != host_.life_ || found == host_.containers_.end())
      return fail(errc::not_found, "no task has the key " + key);
    auto& which = found->second;
    (mode == kill_mode::kill ? which.killed : which.terminated) = true;
    host_.apply_signals(key, which);
    return {};
  }

  void forget(const std::string& key) override {
    auto found = host_.containers_.find(key);
    if (life_ == host_.life_ && found != host_.containers_.end()
        && found->second.at == phase::over)
      host_.containers_.erase(found);
  }

private:
  simulated_host& host_;
  uint64_t life_;
};

simulated_host::simulated_host(world& sim, start_ledger& starts,
                               std::string name, behavior_source behavior)
  : sim_(sim),
    starts_(starts),
    random_(sim.random().fork()),
    name_(std::move(name)),
    behavior_(std::move(behavior)),
    identity_(name_) {
  boot();
}

std::unique_ptr<launcher>
simulated_host::make_launcher(process_number agent,
                              launcher::listener listener) {
  agent_ = agent;
  listener_ = std::move(listener);
  for (auto& [key, which] : containers_)
    which.watched = which.told_start = which.told_end = false;
  return std::make_unique<launcher_of_agent>(*this, ++life_);
}

void simulated_host::agent_died() {
  ++life_;
  listener_ = nullptr;
  agent_ = no_process;
  for (auto at = containers_.begin(); at != containers_.end();) {
    auto lost = at->second.at == phase::asked && random_.chance(0.5);
    at = lost ? containers_.erase(at) : std::next(at);
  }
}

void simulated_host::power_off() {
  agent_died();
  for (auto at = containers_.begin(); at != containers_.end();) {
    auto& which = at->second;
    if (which.at == phase::asked) {
      at = containers_.erase(at);
      continue;
    }
    if (which.at == phase::running) {
      which.at = phase::over;
      which.status = exit_status::make_unknown(exit_status::cause::rebooted);
    }
    ++at;
  }
}

void simulated_host::boot() {
  boot_id_ = name_ + "-boot-" + std::to_string(++boots_);
}

void simulated_host::wipe() {
  containers_.clear();
}

size_t simulated_host::running() const {
  size_t count = 0;
  for (auto& [key, which] : containers_)
    count += which.at != phase::over ? 1 : 0;
  return count;
}

std::string simulated_host::describe_running() const {
  std::string text;
  for (auto& [key, which] : containers_)
    if (which.at != phase::over)
      text += (text.empty() ? "" : ", ") + which.behavior.task;
  return text;
}

bool simulated_host::end_task(const std::string& task, exit_status how) {
  for (auto& [key, which] : containers_)
    if (which.at == phase::running && which.behavior.task == task) {
      end(key, which.serial, how);
      return true;
    }
  return false;
}

bool simulated_host::runs_task(const std::string& task) const {
  for (auto& [key, which] : containers_)
    if (which.at == phase::running && which.behavior.task == task)
      return true;
  return false;
}

// -- processes ----------------------------------------------------------------

simulated_host::container* simulated_host::find(const std::string& key,
                                                uint64_t serial) {
  auto found = containers_.find(key);
  if (found == containers_.end() || found->second.serial != serial)
    return nullptr;
  return &found->second;
}

void simulated_host::begin(const std::string& key, uint64_t serial) {
  auto* which = find(key, serial);
  if (which == nullptr || which->at != phase::asked)
    return;
  auto& behavior = which->behavior;
  if (behavior.missing) {
    auto watched = which->watched;
    containers_.erase(key);
    if (watched)
      tell(process_start_failed{key, "execute", 2,
                                "cannot execute: No such file or directory"});
    return;
  }
  which->at = phase::running;
  auto [first, fresh] = starts_.starts.try_emplace(
    behavior.task, start_ledger::place{name_, identity_});
  auto& place = first->second;
  if (!fresh && (place.machine == name_ || place.identity != identity_))
    sim_.violated("task " + behavior.task + " was started twice, now on "
                  + name_);
  sim_.say("process starts task=" + behavior.task + " on=" + name_);
  if (behavior.lasts)
    sim_.after(*behavior.lasts, [this, key, serial, code = behavior.exit_code] {
      end(key, serial, exit_status::make_exited(code));
    });
  tell_all(key, *which, false);
  apply_signals(key, *which);
}

void simulated_host::end(const std::string& key, uint64_t serial,
                         exit_status how) {
  auto* which = find(key, serial);
  if (which == nullptr || which->at != phase::running)
    return;
  which->at = phase::over;
  which->status = how;
  sim_.say("process ends task=" + which->behavior.task + " how=\""
           + to_string(how) + "\"");
  tell_all(key, *which, false);
}

void simulated_host::apply_signals(const std::string& key, container& which) {
  if (which.at != phase::running)
    return;
  auto signal = 0;
  if (which.killed)
    signal = SIGKILL;
  else if (which.terminated && !which.behavior.stubborn)
    signal = SIGTERM;
  if (signal == 0)
    return;
  sim_.after(random_.between(signal_least, signal_most),
             [this, key, serial = which.serial, signal] {
               end(key, serial, exit_status::make_signaled(signal));
             });
}

void simulated_host::tell(process_event event) {
  if (listener_)
    listener_(std::move(event));
}

void simulated_host::tell_all(const std::string& key, container& which,
                              bool reattached) {
  if (!which.watched)
    return;
  if (which.at != phase::asked && !std::exchange(which.told_start, true)) {
    process_identity shim{boot_id_, 1000, which.serial};
    process_identity task{boot_id_, 1001, which.serial};
    tell(process_started{key, shim, task, reattached});
  }
  if (which.at == phase::over && !std::exchange(which.told_end, true))
    tell(process_exited{key, which.status});
}

} // namespace agora::simulation
