// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/interfaces.hpp"
#include "actors/replication/founding.hpp"
#include "actors/replication/member_change.hpp"
#include "actors/replication/peer_sessions.hpp"
#include "actors/replication/replica_options.hpp"
#include "actors/replication/snapshot_receiver.hpp"
#include "actors/replication/snapshot_sender.hpp"
#include "storage/log/replicated_log.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace agora {

struct log_replica_state {
  static inline const char* name = "log-replica";

  using read_promise = caf::typed_response_promise<uint64_t>;

  replica_options options;
  /// Shared with the owner while that loads a state.
  std::shared_ptr<replicated_log> log;
  log_owner_actor owner;
  /// Whether a wake-up is on its way: the store's thread may call for each
  /// group commit, and one message is enough.
  std::shared_ptr<std::atomic<bool>> awake;
  /// Until the cluster is founded, nothing is written or answered.
  std::optional<founding> to_found;

  peer_sessions peers;
  /// By address.
  std::map<std::string, connector_actor> connectors;
  /// Members as of this entry have connectors.
  uint64_t followed_members = 0;

  std::map<member_uid, snapshot_sender> sending;
  uint64_t next_transfer = 0;
  snapshot_receiver receiving;

  /// What the owner was told last.
  std::optional<log_leadership> told;
  /// By the number that the machine knows them by.
  std::map<uint64_t, read_promise> reads;
  /// Permitted at an index that is not handed out yet.
  std::multimap<uint64_t, read_promise> permitted;
  uint64_t last_read = 0;
  std::optional<member_change> change;

  /// Whether a tick is on its way.
  bool ticking = false;
  std::chrono::steady_clock::time_point ticked_at;
  /// Why a peer was refused last.
  std::string refusal;
};

using log_replica_ptr = log_replica_actor::stateful_pointer<log_replica_state>;

/// LOG REPLICA: one member of one replicated log: carries what the machine
/// wants said to its peers, hands what is committed to its owner, and says who
/// leads.
/// @param log Opened, and nothing else done with it.
/// @param owner Applies what is committed.
log_replica_actor::behavior_type
log_replica(log_replica_ptr self, replica_options options,
            std::shared_ptr<replicated_log> log, log_owner_actor owner);

/// Whether a member can have this number, with the directory that it has.
/// @returns errc::invalid_config: it is another member's directory.
status check_replica(uint32_t number, const replicated_log& log);

} // namespace agora
