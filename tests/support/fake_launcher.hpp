// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/check.hpp"
#include "runtime/process/launcher.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace agora::test {

/// A launcher without processes: keeps what it was asked for, and tells what
/// the test wants, when the test wants it, on the test's own thread. Holds the
/// test to the launcher's contract: no event for an unknown key, and none after
/// its last.
class fake_launcher : public launcher {
public:
  struct signal_request {
    std::string key;
    kill_mode mode;
  };

  /// @param on_event May be set later, but before the first event.
  explicit fake_launcher(listener on_event = {})
    : listener_{std::move(on_event)} {
    // nop
  }

  void set_listener(listener on_event) {
    listener_ = std::move(on_event);
  }

  // What was asked for, in order.
  std::vector<launch_spec> launches;
  std::vector<std::pair<std::string, std::filesystem::path>> reattachments;
  std::vector<signal_request> signals;
  std::vector<std::string> forgotten;

  /// Lets the next launch or reattach fail at once.
  void refuse_next(status reason) {
    refusal_ = std::move(reason);
  }

  // -- what the test makes happen ---------------------------------------------

  /// The task runs. Its shim and task get pids of their own.
  void start(const std::string& key) {
    auto found = keys_.find(key);
    auto reattached = found != keys_.end() && found->second.reattached;
    process_identity shim{"fake-boot", ++last_pid_, 1};
    process_identity task{"fake-boot", ++last_pid_, 2};
    fire(process_started{key, shim, task, reattached});
  }

  void fail_start(const std::string& key, std::string step = "execute",
                  std::string text
                  = "cannot execute: No such file or directory",
                  int error_number = 2) {
    fire(process_start_failed{key, std::move(step), error_number,
                              std::move(text)});
  }

  void exit(const std::string& key, exit_status how) {
    fire(process_exited{key, how});
  }

  /// Any event, as it is.
  void fire(process_event event) {
    auto& key = keys_.at(key_of(event));
    AGORA_CHECK(listener_ && !key.over);
    if (std::holds_alternative<process_started>(event))
      AGORA_CHECK(!std::exchange(key.started, true));
    else
      key.over = true;
    listener_(std::move(event));
  }

  /// The last launch of `key`, or nothing.
  const launch_spec* launch_of(const std::string& key) const {
    auto found
      = std::find_if(launches.rbegin(), launches.rend(), [&](auto& spec) {
          return spec.task_key == key;
        });
    return found == launches.rend() ? nullptr : &*found;
  }

  bool is_over(const std::string& key) const {
    auto found = keys_.find(key);
    return found != keys_.end() && found->second.over;
  }

  // -- launcher ---------------------------------------------------------------

  status launch(launch_spec spec) override {
    if (auto err = check_launch_spec(spec))
      return err;
    if (auto err = accept(spec.task_key, false))
      return err;
    launches.push_back(std::move(spec));
    return {};
  }

  status reattach(std::string key,
                  std::filesystem::path run_directory) override {
    if (auto err = check_task_key(key))
      return err;
    if (auto err = check_run_directory(run_directory))
      return err;
    if (auto err = accept(key, true))
      return err;
    reattachments.emplace_back(std::move(key), std::move(run_directory));
    return {};
  }

  status signal(const std::string& key, kill_mode mode) override {
    if (!keys_.contains(key))
      return fail(errc::not_found, "no task has the key " + key);
    signals.push_back({key, mode});
    return {};
  }

  void forget(const std::string& key) override {
    if (!is_over(key))
      return;
    keys_.erase(key);
    forgotten.push_back(key);
  }

private:
  struct key_state {
    bool reattached = false;
    bool started = false;
    bool over = false;
  };

  status accept(const std::string& key, bool reattached) {
    if (refusal_)
      return std::exchange(refusal_, {});
    if (!keys_.emplace(key, key_state{reattached, false, false}).second)
      return fail(errc::already_exists, "task key " + key + " is in use");
    return {};
  }

  listener listener_;
  std::map<std::string, key_state> keys_;
  status refusal_;
  pid_t last_pid_ = 1000;
};

} // namespace agora::test
