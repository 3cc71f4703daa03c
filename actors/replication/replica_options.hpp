// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/session/session_machine.hpp"
#include "runtime/base/result.hpp"
#include "runtime/messaging/address.hpp"
#include "runtime/messaging/tcp_link_actor.hpp"
#include "storage/consensus/log_entry.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace agora {

/// How a member of a log is run.
struct replica_options {
  /// What people call it.
  uint32_t number = 1;
  /// Where the others reach it.
  node_address address;
  /// The others, before the log says who they are.
  std::vector<numbered_address> peers;
  /// Founds a cluster of this member and its peers, if none of them belongs to
  /// one.
  bool bootstrap = false;
  /// Names a cluster that is founded; must be different each time.
  std::function<std::string()> new_cluster_id;
  /// For the peers' messages to people.
  std::string software;
  /// How this node dials; null if it has no peers.
  link_actor link;
  /// For sessions that it dials.
  session_limits sessions = replica_session_limits();
  /// The length of the consensus machine's ticks.
  std::chrono::milliseconds tick{10};
  /// A part of a snapshot, in keys and values.
  size_t chunk_bytes = size_t{256} << 10;
  /// Parts that are on their way to one member.
  uint64_t chunks_window = 4;
  /// A snapshot is given up if the receiver takes nothing for this long.
  std::chrono::milliseconds snapshot_patience{30'000};
  /// Entries handed out to the owner, and not applied yet.
  uint64_t handed_out_entries = 16'384;
  /// For a change of the members to be done.
  std::chrono::milliseconds change_timeout{8'000};
  /// Sees what is handed to the owner, before the owner does; for tests. May be
  /// unset.
  std::function<void(const std::vector<entry_ptr>&)> on_committed;
  /// The process has to end: the disk failed, or this directory cannot be used
  /// here. From any thread.
  std::function<void(const status&)> on_failure;

  /// Members hear from each other ten times a second: silence is noticed soon.
  static session_limits replica_session_limits() {
    session_limits limits;
    limits.ping_interval = std::chrono::milliseconds{1'000};
    limits.silence_timeout = std::chrono::milliseconds{5'000};
    // More than a leader has on its way to one member.
    limits.window_bytes = size_t{16} << 20;
    return limits;
  }
};

} // namespace agora
