// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora-load/emulate.hpp"

#include "actors/session/session_totals.hpp"
#include "runtime/json/json_codec.hpp"
#include "runtime/node/command_line.hpp"
#include "runtime/node/descriptor_limit.hpp"
#include "runtime/node/log_setup.hpp"
#include "runtime/node/node_program.hpp"
#include "tools/agora-load/emulated_agents.hpp"
#include "tools/agora-load/emulated_frameworks.hpp"
#include "tools/agora-load/emulated_processes.hpp"
#include "tools/agora-load/line_pipe.hpp"
#include "tools/agora-load/load_book.hpp"
#include "tools/agorad/child.hpp"

#include "agora/load/load.pb.h"

#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdlib>
#include <memory>
#include <poll.h>
#include <unistd.h>

namespace agora::load {

namespace {

using clock = std::chrono::steady_clock;

/// Between two reports that nobody asked for.
constexpr std::chrono::milliseconds report_interval{50};

/// Between two rounds of asking agents whether they are settled.
constexpr int settled_pause_ms = 2;

/// Carries out orders, one after the other, in the main thread.
class emulator {
public:
  explicit emulator(const emulate_settings& settings) : settings_(settings) {
    // nop
  }

  /// Until standard input ends.
  status run() {
    line_reader orders{STDIN_FILENO};
    for (auto open = true; open;) {
      pollfd input{STDIN_FILENO, POLLIN, 0};
      ::poll(&input, 1, static_cast<int>(report_interval.count()));
      if (input.revents != 0) {
        auto more = orders.fill();
        if (!more)
          return more.error();
        open = *more;
      }
      while (auto line = orders.next())
        if (auto err = carry_out(*line))
          return err;
      report_now_and_then();
    }
    return {};
  }

private:
  status carry_out(const std::string& line) {
    Order order;
    if (auto err = from_json(line, order))
      return err;
    auto failed = obey(order);
    auto answer = report(order.has_tally());
    answer.set_done(order.id());
    if (failed)
      answer.set_error(text_of(failed));
    return write_line(STDOUT_FILENO, answer);
  }

  status obey(const Order& order) {
    switch (order.order_case()) {
      case Order::kStartAgents:
        return start_agents(order.start_agents());
      case Order::kStartFrameworks:
        if (!frameworks_)
          frameworks_ = std::make_unique<emulated_frameworks>(
            settings_.masters, settings_.connections);
        frameworks_->start(order.start_frameworks().count(),
                           order.start_frameworks().name());
        return {};
      case Order::kLaunchTasks:
        return launch(order.launch_tasks());
      case Order::kFinishTasks:
        processes_.finish_all();
        return {};
      case Order::kAwaitSettled:
        await_settled();
        return {};
      case Order::kWatchOffers:
        if (frameworks_)
          frameworks_->watch_offers();
        return {};
      default:
        return {};
    }
  }

  status start_agents(const StartAgents& what) {
    if (!agents_) {
      emulated_agents_options options{settings_.masters, settings_.work_dir,
                                      settings_.connections};
      auto opened = emulated_agents::open(std::move(options), processes_);
      if (!opened)
        return opened.error();
      agents_ = std::move(*opened);
    }
    return agents_->start(what.first(), what.count(), [this] {
      report_now_and_then();
    });
  }

  status launch(const LaunchTasks& what) {
    if (!frameworks_
        || static_cast<size_t>(what.tasks_of_framework_size())
             > frameworks_->size())
      return fail(errc::invalid_argument, "there are fewer frameworks");
    frameworks_->totals().begin();
    for (int i = 0; i < what.tasks_of_framework_size(); ++i)
      frameworks_->launch(static_cast<size_t>(i),
                          {what.tasks_of_framework(i), what.command(),
                           what.in_flight(), what.per_offer()});
    return {};
  }

  void await_settled() {
    if (!agents_)
      return;
    agents_->expect_unsettled();
    for (;;) {
      unsettled_ = agents_->unsettled();
      if (unsettled_ == 0)
        break;
      report_now_and_then();
      ::poll(nullptr, 0, settled_pause_ms);
    }
    settled_at_ = nanoseconds_of(clock::now());
  }

  Report report(bool everything) const {
    Report now;
    now.set_agents_started(agents_ ? agents_->started() : 0);
    now.set_agents_unsettled(unsettled_);
    now.set_settled_at_ns(settled_at_);
    now.set_tasks_started(processes_.started());
    now.set_tasks_started_again(processes_.started_again());
    auto& sessions = totals_of_sessions();
    now.set_messages(sessions.frames_sent + sessions.frames_received);
    if (frameworks_)
      frameworks_->totals().fill(now, everything);
    return now;
  }

  void report_now_and_then() {
    auto now = clock::now();
    if (now - reported_at_ < report_interval)
      return;
    reported_at_ = now;
    if (write_line(STDOUT_FILENO, report(false)))
      std::_Exit(exit_failed); // Its reader is gone.
  }

  emulate_settings settings_;
  emulated_processes processes_;
  std::unique_ptr<emulated_agents> agents_;
  std::unique_ptr<emulated_frameworks> frameworks_;
  size_t unsettled_ = 0;
  uint64_t settled_at_ = 0;
  clock::time_point reported_at_;
};

} // namespace

void add_emulate_options(command& cmd, emulate_settings& settings) {
  cmd.option("--master", settings.masters,
             "masters of the cluster, HOST:PORT[,HOST:PORT...]");
  cmd.option("--work-dir", settings.work_dir, "directory for the agents' data");
  cmd.option("--connections", settings.connections,
             "connections of agents, and of frameworks, to the master");
}

int run_emulate(const emulate_settings& settings) {
  block_signals();
  if (!end_with_parent())
    return exit_failed;
  // The signal that the parent's end brings is not to be waited for.
  std::signal(SIGTERM, SIG_DFL);
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  pthread_sigmask(SIG_UNBLOCK, &ending, nullptr);
  if (auto err = set_up_log({"warn", {}}))
    return exit_failed;
  static_cast<void>(raise_descriptor_limit());
  // Never destroyed: ending ten thousand actors in order takes long, and
  // nothing of them is kept.
  auto* here = new emulator{settings};
  auto failed = here->run();
  if (failed)
    spdlog::error("cannot go on reason=\"{}\"", describe(failed));
  spdlog::default_logger_raw()->flush();
  std::_Exit(failed ? exit_failed : 0);
}

} // namespace agora::load
