// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"
#include "runtime/base/wall_clock.hpp"

#include "agora/v1/executor/executor.pb.h"
#include "agora/v1/tasks.pb.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace agora {

struct executor_driver_settings {
  framework_id framework;
  executor_id executor;
  /// How long the executor lives on without its agent.
  std::chrono::milliseconds recovery{900'000};
  /// How long it may take to end after SHUTDOWN.
  std::chrono::milliseconds shutdown_grace{5'000};
  /// Updates that the agent has not acknowledged.
  size_t updates_limit = 100'000;
};

/// What a custom executor owes its agent, and the other way round: updates and
/// tasks that the agent has not acknowledged, which are listed when the
/// executor subscribes again; and when the process has to end. A plain value.
///
///   away --session, SUBSCRIBE--> subscribing --SUBSCRIBED--> subscribed
///   subscribing, subscribed --session lost--> away --too long--> over
///   any --SHUTDOWN--> ending --grace over, or nothing left to say--> over
class executor_driver_machine {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// @param random 16 bytes that no other process has.
  executor_driver_machine(executor_driver_settings settings, std::string random,
                          time_point now);

  /// A session is up.
  /// @returns the call to send.
  v1::executor::Call session_up();

  void session_lost(time_point now);

  /// The executor says something; ids, uuid and timestamp are filled in.
  /// @returns whether it can be sent now; if not, an update is kept and a
  ///          message lost. Fails: invalid_argument (neither UPDATE nor
  ///          MESSAGE, or a field is missing), limit_reached.
  result<bool> call(v1::executor::Call& what, wall_time wall);

  /// The agent says something.
  /// @returns whether the executor is to be told; it is not of a task that it
  ///          has already.
  bool event(const v1::executor::Event& what, time_point now);

  /// The executor has ended by itself: there is nothing to wait for but the
  /// agent's acknowledgements.
  void executor_ended(time_point now);

  /// Whether the process has to end.
  bool over(time_point now) const;

  /// When it will have to.
  std::optional<time_point> deadline() const;

  size_t unacknowledged() const {
    return updates_.size();
  }

private:
  enum class phase : uint8_t { away, subscribing, subscribed };

  executor_driver_settings settings_;
  std::string random_;
  uint64_t uuids_ = 0;
  phase phase_ = phase::away;
  time_point away_since_;
  bool ended_ = false;
  std::optional<time_point> ending_until_;
  double last_timestamp_ = 0;
  /// In the order in which they were made.
  std::vector<v1::executor::Call::Update> updates_;
  /// None of whose updates was acknowledged yet.
  std::vector<v1::TaskInfo> tasks_;
};

} // namespace agora
