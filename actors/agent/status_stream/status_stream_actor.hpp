// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/checkpoint/checkpoint_keys.hpp"
#include "actors/agent/status_stream/status_stream.hpp"
#include "actors/interfaces.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <optional>
#include <vector>

namespace agora {

struct status_stream_options {
  framework_id framework;
  status_stream_settings settings;
  checkpoint_keys keys;
  /// What an earlier process has stored of this framework, in order.
  std::vector<checkpoint::PendingStatus> recovered;
  /// For a batch to be on disk: see agent_timeouts.
  std::chrono::milliseconds patience{60'000};
};

struct status_stream_state {
  static inline const char* name = "status-stream";

  std::optional<status_stream> stream;
  std::optional<checkpoint_keys> keys;
  checkpoint_writer_actor writer;
  std::chrono::milliseconds patience{};
  /// Gets the reports. Held weakly: it holds its streams.
  caf::actor_addr agent;
  /// When the tick that is under way comes.
  std::optional<status_stream::time_point> tick_at;
};

/// STATUS STREAM of one framework.
status_stream_actor::behavior_type status_stream_behavior(
  status_stream_actor::stateful_pointer<status_stream_state> self,
  status_stream_options options, checkpoint_writer_actor writer,
  agent_actor agent);

} // namespace agora
