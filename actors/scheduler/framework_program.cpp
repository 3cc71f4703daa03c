// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/scheduler/framework_program.hpp"

#include "actors/scheduler/interrupt_watch.hpp"
#include "actors/scheduler/scheduler_calls.hpp"
#include "actors/session/connector_actor.hpp"
#include "runtime/messaging/tcp_link_actor.hpp"
#include "runtime/messaging/wire_types.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <pwd.h>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace agora {

namespace {

/// A framework's process is small: its scheduler, its driver, one session.
constexpr size_t worker_threads = 2;

struct program_config : caf::actor_system_config {
  program_config() {
    register_wire_types(*this);
    load<caf::io::middleman>();
    set("scheduler.max-threads", worker_threads);
    // Sessions watch over their peers; this is for connections without one.
    set("middleman.heartbeat-interval",
        caf::timespan{std::chrono::seconds{10}});
    set("middleman.connection-timeout",
        caf::timespan{std::chrono::seconds{60}});
  }
};

/// What stdout prints belongs to the scheduler.
void log_to_stderr() {
  if (spdlog::get("framework"))
    return;
  auto logger = spdlog::stderr_logger_mt("framework");
  logger->set_level(spdlog::level::warn);
  spdlog::set_default_logger(std::move(logger));
}

connect_function connect_to(std::vector<node_address> masters,
                            session::PeerKind kind) {
  return [masters = std::move(masters), kind](
           caf::actor_system& system, const framework_driver_actor& driver) {
    connector_options options;
    options.addresses = masters;
    options.session.kind = kind;
    options.introduction.set_protocol_version(session_protocol_version);
    options.introduction.set_kind(kind);
    options.introduction.set_software("agora framework");
    auto link = system.spawn(tcp_link, tcp_link_options{});
    spawn_connector<session::MasterToScheduler>(system, driver,
                                                std::move(options), link);
  };
}

/// Follows the policy for the first interrupt, ends the process at the next.
class interrupt_handler {
public:
  interrupt_handler(interrupt_policy policy, std::function<void()> first)
    : policy_(policy), first_(std::move(first)) {
    // nop
  }

  void driver_is(framework_driver_actor driver) {
    std::lock_guard guard{mutex_};
    driver_ = std::move(driver);
    for (; waiting_ > 0; --waiting_)
      act();
  }

  void forget_driver() {
    std::lock_guard guard{mutex_};
    driver_ = nullptr;
    first_ = nullptr;
  }

  void operator()(int signal) {
    std::lock_guard guard{mutex_};
    last_ = signal;
    if (followed_)
      _exit(128 + signal);
    if (driver_)
      act();
    else
      ++waiting_;
  }

  /// The signal after which the policy was followed, or 0.
  int signal() const {
    std::lock_guard guard{mutex_};
    return followed_ ? last_ : 0;
  }

private:
  void act() {
    if (auto first = std::exchange(first_, nullptr))
      return first();
    followed_ = true;
    if (policy_ == interrupt_policy::teardown)
      caf::anon_send(driver_, calls::teardown());
    else
      caf::anon_send_exit(driver_, caf::exit_reason::user_shutdown);
  }

  mutable std::mutex mutex_;
  interrupt_policy policy_;
  std::function<void()> first_;
  framework_driver_actor driver_;
  size_t waiting_ = 0;
  bool followed_ = false;
  int last_ = 0;
};

/// Waits for the end of `driver`, and says why it ended.
status wait_for(caf::actor_system& system,
                const framework_driver_actor& driver) {
  caf::scoped_actor self{system};
  self->monitor(driver);
  status reason;
  self->receive([&](caf::down_msg& down) {
    reason = std::move(down.reason);
  });
  if (reason == caf::exit_reason::normal
      || reason == caf::exit_reason::user_shutdown)
    return {};
  return reason;
}

} // namespace

int run_framework(framework_options options, scheduler_factory scheduler) {
  log_to_stderr();
  interrupt_handler on_interrupt{options.on_interrupt,
                                 std::move(options.first_interrupt)};
  interrupt_watch watch{[&](int signal) {
    on_interrupt(signal);
  }};
  status reason;
  {
    program_config config;
    caf::actor_system system{config};
    auto driver = system.spawn(
      framework_driver, std::move(options.driver), std::move(scheduler),
      connect_to(std::move(options.masters), session::SCHEDULER));
    on_interrupt.driver_is(driver);
    reason = wait_for(system, driver);
    on_interrupt.forget_driver();
  }
  if (reason) {
    std::fprintf(stderr, "error: %s\n", describe(reason).c_str());
    return 1;
  }
  return on_interrupt.signal() != 0 ? 128 + on_interrupt.signal() : 0;
}

// -- where and who ------------------------------------------------------------

result<std::vector<node_address>> masters_from(int& argc, char** argv) {
  constexpr std::string_view name = "--master";
  std::string text;
  int kept = 1;
  for (int i = 1; i < argc; ++i) {
    std::string_view argument = argv[i];
    if (argument == name) {
      if (++i == argc)
        return fail(errc::invalid_argument, "--master needs HOST:PORT");
      text = argv[i];
    } else if (argument.starts_with(name)
               && argument.substr(name.size()).starts_with('=')) {
      text = argument.substr(name.size() + 1);
    } else {
      argv[kept++] = argv[i];
    }
  }
  argc = std::min(argc, kept);
  argv[argc] = nullptr;
  if (text.empty())
    if (auto variable = std::getenv("AGORA_MASTER"))
      text = variable;
  return parse_addresses(text.empty() ? default_master : text);
}

std::string current_user() {
  passwd entry{};
  passwd* found = nullptr;
  char buffer[4096];
  if (getpwuid_r(geteuid(), &entry, buffer, sizeof buffer, &found) == 0
      && found != nullptr)
    return found->pw_name;
  return std::to_string(geteuid());
}

framework_options framework_from(const std::string& name, int& argc,
                                 char** argv) {
  framework_options options;
  options.driver.info.set_name(name);
  options.driver.info.set_user(current_user());
  auto masters = masters_from(argc, argv);
  if (!masters) {
    std::fprintf(stderr, "error: %s\n", describe(masters.error()).c_str());
    std::exit(2);
  }
  options.masters = std::move(*masters);
  return options;
}

} // namespace agora
