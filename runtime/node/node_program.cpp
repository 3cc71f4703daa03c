// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/node/node_program.hpp"

#include "runtime/node/command_line.hpp"
#include "runtime/node/descriptor_limit.hpp"
#include "runtime/node/node_config.hpp"

#include <arpa/inet.h>
#include <caf/actor_system.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <csignal>
#include <thread>
#include <unistd.h>

namespace agora {

namespace {

// How stop() wakes the main thread: never mistaken for a signal of a user's.
constexpr int stop_signal = SIGUSR1;

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

// The next of the ending signals within `longest`, or 0.
int next_signal(std::chrono::nanoseconds longest) {
  auto set = ending_signals();
  auto rest = std::max(longest, std::chrono::nanoseconds{0});
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(rest);
  timespec wait{seconds.count(), (rest - seconds).count()};
  return std::max(0, sigtimedwait(&set, nullptr, &wait));
}

// Ends the process when `deadline` has passed or another signal comes, however
// much of it hangs. Detached: in the good case the process ends first.
void start_watchdog(std::chrono::milliseconds deadline) {
  std::thread{[deadline] {
    using clock = std::chrono::steady_clock;
    auto begun = clock::now();
    auto signal = 0;
    do
      signal = next_signal(begun + deadline - clock::now());
    while (signal != 0 && clock::now() - begun < signal_repeat_grace);
    if (signal != 0)
      spdlog::warn("ended by a second signal signal={}", signal);
    else
      spdlog::error("shutdown overdue, ending now after_ms={}",
                    deadline.count());
    spdlog::default_logger_raw()->flush();
    _exit(exit_shutdown_overdue);
  }}.detach();
}

// Until a signal that ends the node, or stop().
void wait_for_end(const running_node& node, const std::atomic<bool>& stopping) {
  auto set = ending_signals();
  sigaddset(&set, stop_signal);
  for (;;) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0)
      continue;
    if (stopping.load())
      return;
    if (!node.on_signal || !node.on_signal(signal)) {
      spdlog::info("shutting down signal={}", signal);
      return;
    }
  }
}

} // namespace

void block_signals() {
  auto set = ending_signals();
  sigaddset(&set, stop_signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

void add_node_options(command& cmd, node_settings& settings) {
  cmd.choice("--log-level", settings.log.level,
             {"error", "warn", "info", "debug"},
             "the least important lines to log");
  cmd.option("--log-file", settings.log.file,
             "file to append the log to, instead of standard error");
  cmd.option("--worker-threads", settings.worker_threads,
             "threads that run actors; 0: one a core");
}

void node_control::stop(int exit_code) {
  if (stopping_.exchange(true))
    return;
  exit_code_.store(exit_code);
  ::kill(getpid(), stop_signal);
}

void node_control::fail_node(const status& why) {
  spdlog::error("cannot go on reason=\"{}\"", describe(why));
  stop(exit_failed);
}

int run_node(const node_settings& settings, const node_start& start) {
  block_signals();
  if (auto err = set_up_log(settings.log)) {
    std::fprintf(stderr, "%s: %s\n", settings.program.c_str(),
                 text_of(err).c_str());
    return exit_usage;
  }
  if (settings.worker_threads > most_worker_threads) {
    std::fprintf(stderr, "%s: worker-threads: at most %u\n",
                 settings.program.c_str(), most_worker_threads);
    return exit_usage;
  }
  auto descriptors = raise_descriptor_limit();
  if (!descriptors)
    spdlog::warn("descriptor limit not raised reason=\"{}\"",
                 describe(descriptors.error()));
  else if (auto err
           = check_descriptor_limit(*descriptors, settings.connections)) {
    if (!settings.connections_setting.empty()) {
      std::fprintf(stderr, "%s: %s: %s\n", settings.program.c_str(),
                   settings.connections_setting.c_str(), text_of(err).c_str());
      return exit_usage;
    }
    spdlog::warn("descriptor limit too low reason=\"{}\"", text_of(err));
  }
  node_control control;
  {
    node_config config{settings.worker_threads};
    caf::actor_system system{config};
    running_node node;
    if (auto started = start(system, control)) {
      node = std::move(*started);
      wait_for_end(node, control.stopping_);
    } else {
      spdlog::error("cannot start program=\"{}\" reason=\"{}\"",
                    settings.program, text_of(started.error()));
      control.exit_code_ = code_of(started.error()) == errc::invalid_config
                             ? exit_usage
                             : exit_failed;
    }
    start_watchdog(settings.shutdown_timeout);
    if (node.shut_down)
      node.shut_down();
    // Handles that the functions hold would keep actors alive.
    node = {};
  }
  spdlog::debug("ended exit_code={}", control.exit_code_.load());
  spdlog::default_logger_raw()->flush();
  return control.exit_code_;
}

bool is_loopback(const std::string& host) {
  if (host == "localhost" || host == "::1")
    return true;
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1
         && (ntohl(address.s_addr) >> 24) == 127;
}

status check_listen_host(const std::string& host, bool insecure_listen) {
  if (is_loopback(host))
    return {};
  if (!insecure_listen)
    return fail(errc::invalid_config,
                "listen: " + host
                  + " can be reached from other machines, and whoever reaches "
                    "this port can run commands; if that is what you want, add "
                    "--insecure-listen");
  spdlog::warn("listening without authentication: whoever reaches this port "
               "can run commands host={}",
               host);
  return {};
}

} // namespace agora
