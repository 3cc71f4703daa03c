// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/process/launch_failure.hpp"
#include "runtime/process/launcher.hpp"
#include "runtime/process/leftover_sweep.hpp"
#include "runtime/process/shim_record.hpp"
#include "runtime/process/unique_fd.hpp"
#include "runtime/process/user_lookup.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace agora {

/// The inside of the POSIX launcher: an event loop over its shims. Not a
/// thread: the launcher runs `run` on one. The four methods of the launcher,
/// `stop`, and nothing else, may be called from other threads.
///
/// What becomes of one key:
///
///   launch --> starting --> running --> over --(forget)--> gone
///                 |            |         ^
///                 |            +-> sweeping (the shim was killed)
///   reattach -> searching -----^---------^
class shim_watcher {
public:
  struct options {
    std::filesystem::path shim_program;
    size_t max_keys = 0;
    std::string boot_id;
  };

  shim_watcher(options settings, launcher::listener on_event);
  ~shim_watcher();

  /// Creates what the loop waits on. Fails: io_failed.
  status open();

  /// Watches until `stop`.
  void run();
  void stop();

  status launch(launch_spec spec);
  status reattach(std::string key, std::filesystem::path run_directory);
  status signal(const std::string& key, kill_mode mode);
  void forget(const std::string& key);

private:
  using clock = std::chrono::steady_clock;

  /// One key. `child`, `pidfd`, `pending` and `over` belong to the mutex, all
  /// else to the loop.
  struct entry {
    uint64_t number = 0; // names it in epoll
    std::string key;
    std::filesystem::path run_directory;
    bool reattached = false;

    /// The shim, if it is our child: not reaped before `over`, so that its pid
    /// is its own.
    pid_t child = 0;
    /// The shim, if it is not, or if we are not sure.
    unique_fd pidfd;
    /// The hardest signal asked for before there was a shim to take it.
    std::optional<kill_mode> pending;
    bool over = false;

    unique_fd report;
    std::string report_text;
    launch_story story;
    bool told_started = false;
    /// Its shim has ended, or never was.
    bool concluded = false;
    /// The record was there before: not ours to remove.
    bool foreign_record = false;
    std::optional<process_identity> task;
    int polls = 0;
    /// The shim has died while we watched it, rather than before.
    bool died_watched = false;
    exit_status verdict; // once the sweep is done
    int sweeps = 0;
  };

  using entry_ptr = std::shared_ptr<entry>;

  struct command {
    enum class kind { launch, reattach, forget } what;
    entry_ptr target;
    std::optional<launch_spec> spec;
  };

  struct cached_user {
    user_ids ids;
    clock::time_point looked_up;
  };

  // From any thread, with the mutex.
  status add_entry(entry_ptr target, command first);
  void enqueue(command what);
  static void send_signal(entry& target, kill_mode mode);

  // The loop.
  int wait_milliseconds() const;
  void handle(uint64_t number, uint32_t events);
  bool run_commands();
  void start(entry& target, const launch_spec& spec);
  result<std::optional<user_ids>> resolve_user(const std::string& name);
  status ensure_directory(const std::filesystem::path& directory);
  void remove(entry& target);
  void watch(int operation, int fd, uint32_t events, uint64_t number);

  // A shim that is our child, which reports through its pipe.
  void read_report(entry& target, bool ended);
  void reap_child(entry& target);

  // A shim that another launcher started, of which we have the record.
  enum class follow_outcome { following, gone, later };
  bool search(entry& target);
  bool search_missing(entry& target);
  bool search_alive(entry& target, const shim_record& record);
  follow_outcome follow(entry& target, const process_identity& shim);
  void followed_ended(entry& target);

  // How things end.
  void conclude(entry& target, const result<shim_record>& record);
  void sweep_later(entry& target, exit_status::cause reason);
  void sweep();
  void poll_searched();
  void tell_started(entry& target, const shim_record& record);
  void tell_failed(entry& target, std::string step, int error_number,
                   std::string text);
  void tell_over(entry& target, process_event event);

  options options_;
  launcher::listener listener_;
  unique_fd epoll_;
  unique_fd wake_;

  std::mutex mutex_;
  bool stopping_ = false;
  uint64_t last_number_ = 0;
  std::unordered_map<std::string, entry_ptr> keys_;
  std::deque<command> commands_;

  // The loop's own.
  std::unordered_map<uint64_t, entry_ptr> watched_;
  std::vector<entry_ptr> searched_;
  std::vector<entry_ptr> swept_;
  clock::time_point next_poll_{};
  std::filesystem::path last_directory_;
  std::unordered_map<std::string, cached_user> users_;
};

} // namespace agora
