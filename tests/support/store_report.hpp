// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/store/store.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace agora {

/// Collects what a store reports from its thread, so that a test can wait for
/// it. Must outlive the store.
class store_report {
public:
  /// Longer than any disk takes; waiting ends as soon as the report is there.
  static constexpr std::chrono::seconds patience{20};

  store::listener listener() {
    return {[this](store::ticket t) {
              std::lock_guard guard{mutex_};
              tickets_.push_back(t);
              changed_.notify_all();
            },
            [this](const status& what) {
              std::lock_guard guard{mutex_};
              failures_.push_back(what);
              changed_.notify_all();
            }};
  }

  /// @returns whether `t` or a later ticket was reported in time.
  bool wait_for(store::ticket t) {
    std::unique_lock guard{mutex_};
    return changed_.wait_for(guard, patience, [&] {
      return !tickets_.empty() && tickets_.back() >= t;
    });
  }

  /// Waits until `t` or a later ticket, or a failure, was reported.
  void wait_for_or_failure(store::ticket t) {
    std::unique_lock guard{mutex_};
    changed_.wait_for(guard, patience, [&] {
      return !failures_.empty() || (!tickets_.empty() && tickets_.back() >= t);
    });
  }

  /// @returns the first failure; none if there was none in time.
  status wait_for_failure() {
    std::unique_lock guard{mutex_};
    changed_.wait_for(guard, patience, [&] {
      return !failures_.empty();
    });
    return failures_.empty() ? status{} : failures_.front();
  }

  std::vector<store::ticket> tickets() const {
    std::lock_guard guard{mutex_};
    return tickets_;
  }

  size_t failures() const {
    std::lock_guard guard{mutex_};
    return failures_.size();
  }

  void forget() {
    std::lock_guard guard{mutex_};
    tickets_.clear();
    failures_.clear();
  }

private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<store::ticket> tickets_;
  std::vector<status> failures_;
};

} // namespace agora
