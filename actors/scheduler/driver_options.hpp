// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"

#include "agora/v1/frameworks.pb.h"

#include <chrono>
#include <cstddef>
#include <functional>

namespace agora {

/// How long a master keeps the tasks of a framework whose scheduler is gone,
/// unless the framework says otherwise: one week, so that a scheduler that
/// dies on Friday evening finds its tasks on Monday. (What is not set on the
/// wire counts as 0: the tasks end with the connection.)
inline constexpr std::chrono::seconds default_failover_timeout
  = std::chrono::hours{24 * 7};

/// What a driver holds, and how long it waits.
struct driver_limits {
  /// Calls kept while there is no subscription. A further KILL, RECONCILE, ...
  /// is refused; a further acknowledgement is dropped, since the update comes
  /// again.
  size_t queued_calls = 10'000;

  /// One call, in bytes; a session carries bodies of 16 MiB.
  size_t call_bytes = size_t{8} << 20;

  /// Calls that travel together, in bytes; one call may be larger.
  size_t body_bytes = size_t{1} << 20;

  /// Tasks that are watched for reconciliation. Tasks beyond it work, but the
  /// driver does not ask after them by itself.
  size_t watched_tasks = 1'000'000;

  /// Offers that are rescinded when the session is lost. The master refuses
  /// older ones all the same.
  size_t tracked_offers = 100'000;

  /// Tasks asked after at once, and in one call.
  size_t reconcile_round = 10'000;
  size_t reconcile_call = 1'000;

  /// Until an unanswered question is asked again; doubles from the first to
  /// the last. A new leader answers only when the task's agent has attached.
  std::chrono::milliseconds reconcile_first{1'000};
  std::chrono::milliseconds reconcile_last{60'000};

  /// For a master to answer SUBSCRIBE; then its session is closed, and opened
  /// anew.
  std::chrono::milliseconds subscribe_timeout{30'000};

  /// For a TEARDOWN to be confirmed; then the driver ends without.
  std::chrono::milliseconds teardown_timeout{10'000};

  /// Events that the scheduler has at once; the others wait in the driver. For
  /// each answer CAF looks through all requests that are open.
  size_t handed_events = 64;

  /// For the scheduler to handle one event. An update that took longer is not
  /// acknowledged, and so comes again.
  std::chrono::milliseconds handler_timeout{30'000};
};

/// What a driver is told when it starts.
struct driver_options {
  /// Name and user must be set; with an id, the driver takes over from an
  /// earlier scheduler of the framework. An unset failover_timeout becomes
  /// default_failover_timeout.
  v1::FrameworkInfo info;

  /// The scheduler sends its ACKNOWLEDGE calls itself. Otherwise the driver
  /// does, after the scheduler's handler has returned.
  bool explicit_acknowledgements = false;

  /// Called with the framework's id when the master has given one, before the
  /// scheduler hears of it: no task is ever launched under an id that was not
  /// kept. Called with an empty id when a TEARDOWN was confirmed. An error ends
  /// the driver. Runs on the driver's thread; see keep_framework_id().
  std::function<status(const framework_id& id)> keep_id;

  /// Ends the driver if no master that leads was reached for so long before the
  /// first subscription; zero tries for ever.
  std::chrono::milliseconds give_up_after{0};

  driver_limits limits;
};

} // namespace agora
