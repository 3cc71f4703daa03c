// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/log_simulation/log_profile.hpp"

#include <cstdint>
#include <cstdio>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

namespace agora::log_simulation {

/// Virtual time, what happens when, and chance.
class simulated_log_world {
public:
  using action = std::function<void()>;

  simulated_log_world(uint64_t seed, bool verbose)
    : random(seed), verbose_(verbose) {
    // nop
  }

  milliseconds now() const noexcept {
    return now_;
  }

  void after(milliseconds delay, action what) {
    events_.push({now_ + delay, ++count_, std::move(what)});
  }

  /// Lets the next thing happen.
  /// @returns false if nothing is left.
  bool step() {
    if (events_.empty())
      return false;
    // The queue gives no way to move out of it; the order does not change.
    auto next = std::move(const_cast<event&>(events_.top()));
    events_.pop();
    now_ = next.when;
    next.what();
    return true;
  }

  uint64_t steps() const noexcept {
    return count_;
  }

  template <class... Args>
  void say(const char* format, Args... args) const {
    if (!verbose_)
      return;
    std::printf("%8lld ", static_cast<long long>(now_));
    std::printf(format, args...);
    std::printf("\n");
  }

  simulation::random_source random;

private:
  struct event {
    milliseconds when = 0;
    uint64_t order = 0;
    action what;

    friend bool operator<(const event& a, const event& b) {
      return std::pair{a.when, a.order} > std::pair{b.when, b.order};
    }
  };

  std::priority_queue<event> events_;
  milliseconds now_ = 0;
  uint64_t count_ = 0;
  bool verbose_ = false;
};

} // namespace agora::log_simulation
