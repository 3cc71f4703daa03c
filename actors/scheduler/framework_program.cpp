// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/scheduler/framework_program.hpp"

#include "actors/scheduler/scheduler_calls.hpp"
#include "actors/session/connector_actor.hpp"
#include "runtime/messaging/tcp_link_actor.hpp"
#include "runtime/node/node_program.hpp"

#include <caf/actor_system.hpp>

#include <cstdio>
#include <memory>
#include <mutex>
#include <pwd.h>
#include <unistd.h>
#include <utility>

namespace agora {

namespace {

/// A framework's process is small: its scheduler, its driver, few sessions.
constexpr uint32_t framework_threads = 2;

/// As a shell does for a program that a signal has ended.
constexpr int first_after_signal = 128;

connect_function connect_to(std::vector<node_address> masters) {
  return [masters = std::move(masters)](caf::actor_system& system,
                                        const framework_driver_actor& driver) {
    connector_options options;
    options.addresses = masters;
    options.session.kind = session::SCHEDULER;
    options.backoff = backoff_of_few;
    options.introduction.set_protocol_version(session_protocol_version);
    options.introduction.set_kind(session::SCHEDULER);
    options.introduction.set_software("agora framework");
    auto link = spawn_tcp_link(system, driver.address());
    spawn_connectors<session::MasterToScheduler>(system, driver, options, link);
  };
}

/// The actors of a running framework, and what signals mean to them.
class running_framework {
public:
  running_framework(interrupt_policy policy,
                    std::function<void(const scheduler_actor&)> first)
    : policy_(policy), first_interrupt_(std::move(first)) {
    // nop
  }

  void driver_is(framework_driver_actor driver) {
    std::lock_guard guard{mutex_};
    driver_ = std::move(driver);
  }

  void scheduler_is(scheduler_actor scheduler) {
    std::lock_guard guard{mutex_};
    scheduler_ = std::move(scheduler);
  }

  /// @returns false if the process shall end at once.
  bool interrupt(int signal) {
    std::lock_guard guard{mutex_};
    if (scheduler_ && first_interrupt_) {
      std::exchange(first_interrupt_, nullptr)(scheduler_);
      return true;
    }
    if (std::exchange(followed_, signal) != 0)
      return false;
    if (policy_ == interrupt_policy::teardown)
      caf::anon_send(driver_, calls::teardown());
    else
      caf::anon_send_exit(driver_, caf::exit_reason::user_shutdown);
    return true;
  }

  void end() {
    std::lock_guard guard{mutex_};
    caf::anon_send_exit(driver_, caf::exit_reason::user_shutdown);
  }

  /// The signal after which the policy was followed, or 0.
  int followed() const {
    std::lock_guard guard{mutex_};
    return followed_;
  }

private:
  mutable std::mutex mutex_;
  interrupt_policy policy_;
  std::function<void(const scheduler_actor&)> first_interrupt_;
  framework_driver_actor driver_;
  scheduler_actor scheduler_;
  int followed_ = 0;
};

/// Prints why a framework ended, if that was an error, and makes it an exit
/// code.
int exit_code_for(const status& reason, int signal) {
  auto in_order = !reason || reason == caf::exit_reason::normal
                  || reason == caf::exit_reason::user_shutdown;
  if (!in_order) {
    std::fprintf(stderr, "error: %s\n", describe(reason).c_str());
    if (code_of(reason) == errc::unreachable)
      std::fputs("Is a cluster running there? `agorad local` starts one here; "
                 "--master or AGORA_MASTER names another.\n",
                 stderr);
    return exit_failed;
  }
  return signal == 0 ? 0 : first_after_signal + signal;
}

} // namespace

void add_framework_options(command& cmd, framework_options& options) {
  cmd.option("--master", options.masters,
             "masters of the cluster, HOST:PORT[,HOST:PORT...]");
  cmd.choice("--log-level", options.log.level,
             {"error", "warn", "info", "debug"},
             "the least important lines to log");
  cmd.option("--log-file", options.log.file,
             "file to append the log to, instead of standard error");
}

int run_framework(framework_options options, scheduler_factory scheduler) {
  auto& info = options.driver.info;
  if (info.user().empty())
    info.set_user(current_user());
  node_settings settings;
  settings.program = info.name();
  settings.log = options.log;
  settings.worker_threads = framework_threads;
  return run_node(
    settings,
    [&](caf::actor_system& system,
        node_control& control) -> result<running_node> {
      auto running = std::make_shared<running_framework>(
        options.on_interrupt, options.first_interrupt);
      auto weak = std::weak_ptr{running};
      // Called by the driver when it starts, on a thread of CAF's.
      auto factory = [weak, scheduler](caf::actor_system& where,
                                       const framework_driver_actor& driver) {
        auto spawned = scheduler(where, driver);
        if (auto held = weak.lock())
          held->scheduler_is(spawned);
        return spawned;
      };
      auto driver
        = system.spawn(framework_driver, options.driver,
                       scheduler_factory{factory}, connect_to(options.masters));
      running->driver_is(driver);
      driver->attach_functor([weak, &control](const caf::error& why) {
        auto held = weak.lock();
        control.stop(exit_code_for(why, held ? held->followed() : 0));
      });
      running_node node;
      node.on_signal = [running](int signal) {
        return running->interrupt(signal);
      };
      node.shut_down = [running] {
        running->end();
      };
      return node;
    });
}

int framework_main(int argc, char** argv, const std::string& help,
                   framework_options options, scheduler_factory scheduler) {
  command_line line{options.driver.info.name(), help};
  add_framework_options(line, options);
  line.on_run([&] {
    return run_framework(options, scheduler);
  });
  return line.run(argc, argv);
}

std::string current_user() {
  constexpr size_t entry_bytes = 4096;
  passwd entry{};
  passwd* found = nullptr;
  char buffer[entry_bytes];
  if (getpwuid_r(geteuid(), &entry, buffer, sizeof buffer, &found) == 0
      && found != nullptr)
    return found->pw_name;
  return std::to_string(geteuid());
}

} // namespace agora
