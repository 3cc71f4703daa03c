// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/interfaces.hpp"
#include "storage/log/replicated_log.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <functional>
#include <memory>

namespace agora {

struct log_replica_state {
  static inline const char* name = "log-replica";

  std::unique_ptr<replicated_log> log;
  log_owner_actor owner;
  std::function<void(const status&)> on_failure;
  /// Whether a wake-up is on its way: the store's thread may call for each
  /// group commit, and one message is enough.
  std::shared_ptr<std::atomic<bool>> awake;
};

using log_replica_ptr = log_replica_actor::stateful_pointer<log_replica_state>;

/// LOG REPLICA: one member of one replicated log. With one member, what is on
/// its disk is committed.
/// @param log Opened, and not proposed to yet.
/// @param owner Applies what is committed.
/// @param on_failure Called when the disk has failed, by the store's thread or
///                   by this actor: the process has to end. Never retried.
log_replica_actor::behavior_type
log_replica(log_replica_ptr self, std::unique_ptr<replicated_log> log,
            log_owner_actor owner,
            std::function<void(const status&)> on_failure);

} // namespace agora
