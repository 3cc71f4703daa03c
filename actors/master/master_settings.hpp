// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/messaging/address.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace agora {

/// Changes of the stored state that are written at once, but for those of the
/// last entry: a batch of the store has a limit.
inline constexpr size_t bytes_per_applied = size_t{4} << 20;

/// How a master decides, and what it takes at most. Every limit has a defined
/// answer; see docs/operating.md.
struct master_settings {
  /// For people and for v1.MasterInfo.
  std::string software;
  /// Where this master is reached.
  node_address address;

  /// An offer that its framework neither accepted nor declined by then is
  /// rescinded. Zero: offers do not run out.
  std::chrono::nanoseconds offer_timeout = std::chrono::seconds{120};

  /// An agent that is lost for this long becomes unreachable.
  std::chrono::nanoseconds agent_timeout = std::chrono::seconds{75};

  /// How long agents may take to come back after a start of the master, before
  /// any is marked unreachable.
  std::chrono::nanoseconds agent_reattach_timeout = std::chrono::minutes{10};

  /// How long frameworks may take to come back after a start of the master,
  /// whatever their failover timeout: it was the master that was away.
  std::chrono::nanoseconds framework_reattach_timeout
    = std::chrono::minutes{10};

  /// Agents that are marked unreachable in one second at most: a master whose
  /// own network has failed must not give up on a whole cluster at once.
  uint32_t unreachable_per_second = 10;

  /// What a decline without filters refuses an agent for, as in the field.
  std::chrono::nanoseconds default_refuse = std::chrono::seconds{5};

  /// Tasks in one ACCEPT call.
  size_t tasks_per_accept = 10'000;
  /// Offers in one ACCEPT or DECLINE call.
  size_t offers_per_call = 10'000;
  /// Tasks in one RECONCILE call that are answered: the first ones. Of the rest
  /// the framework hears nothing, as of tasks whose agent is awaited, and asks
  /// again for what is left, as reconciliation has it.
  size_t tasks_per_reconcile = 100'000;
  /// Roles of one framework.
  size_t roles_per_framework = 100;
  /// Tasks that a query lists if it does not say, and at most.
  uint32_t query_tasks_default = 1'000;
  uint32_t query_tasks_limit = 10'000;
  /// Items and bytes of one page of any other list; the bytes also bound a list
  /// of tasks. One item may go beyond them by its own size.
  uint32_t query_items_limit = 5'000;
  size_t query_bytes_limit = size_t{2} << 20;
  /// Tasks that a framework which asks for all of its own is told of at once;
  /// the next ones follow with the next tick.
  size_t tasks_per_reconcile_slice = 1'000;
  /// Orphans that are remembered of one agent.
  size_t orphans_per_agent = 10'000;
  /// Entries proposed and not yet applied. Who sends calls beyond that loses
  /// its session, and comes back when the log has caught up.
  size_t proposals_limit = 100'000;
};

} // namespace agora
