// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/interfaces.hpp"
#include "actors/sandbox_reader/leader_search.hpp"
#include "runtime/messaging/address.hpp"
#include "runtime/messaging/tcp_link_actor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace agora {

/// TOOL SESSION: asks the master that leads, or one agent, and brings back its
/// answers. Opens a session when there is a question and none is open. A master
/// that does not lead has done nothing: the question goes to the next one.
using tool_session_actor = dialing_owner<session::ToolResponses>::extend<
  // From anyone: asks; the id is filled in. Fails: what the node answered,
  // unreachable and others of the connector (no node was reached), not_leader
  // (masters were reached, of which none leads), timeout, session_lost (the
  // question may or may not have had its effect), limit_reached.
  caf::replies_to<session::ToolRequest>::with<session::ToolResponse>,
  // From anyone: HOST:PORT of the node that it asks. Never fails.
  caf::replies_to<caf::get_atom>::with<std::string>,
  // INTERNAL: time to dial, or to give up.
  caf::reacts_to<caf::tick_atom>>;

struct tool_session_limits {
  /// Questions without an answer, those included that wait for a session.
  size_t open_requests = 1'000;
  /// For a question to find a master that leads. Less than whoever asks waits:
  /// nothing must happen after it was told that it failed.
  std::chrono::milliseconds patience{15'000};
};

/// Spawns a connector that brings `owner` a session to one node. Replaced by
/// tests.
using dial_function = std::function<connector_actor(
  const tool_session_actor& owner, const node_address& node)>;

struct tool_session_state {
  static inline const char* name = "tool-session";

  using promise = caf::typed_response_promise<session::ToolResponse>;
  using time_point = std::chrono::steady_clock::time_point;

  struct question {
    session::ToolRequest request;
    promise answer;
    /// When it is given up unless it was sent.
    time_point deadline;
  };

  tool_session_limits limits;
  dial_function dial;
  std::optional<leader_search> search;
  /// Dials; null while a session is open, or nobody asks.
  connector_actor connector;
  /// When the next node is dialed, after a pause.
  std::optional<time_point> dial_at;
  session_actor session;
  session_number number = 0;
  /// The node does not lead: the session is left when all questions that it
  /// was asked are answered.
  bool leaving = false;
  /// Who leads according to it, if it said so.
  std::string named;
  uint64_t last_id = 0;
  std::map<uint64_t, question> asked;
  /// Not sent yet, or answered by masters that do not lead.
  std::vector<question> waiting;
  /// When the earliest tick that is under way comes.
  std::optional<time_point> tick_at;
};

/// @param user Ends this actor when it ends.
/// @param nodes Masters, or one agent; at least one.
tool_session_actor::behavior_type
tool_session(tool_session_actor::stateful_pointer<tool_session_state> self,
             const caf::strong_actor_ptr& user, std::vector<node_address> nodes,
             dial_function dial, tool_session_limits limits);

/// Spawns a tool session to one of `nodes` that dials through `link`.
tool_session_actor spawn_tool_session(caf::actor_system& system,
                                      const caf::strong_actor_ptr& user,
                                      std::vector<node_address> nodes,
                                      const link_actor& link,
                                      tool_session_limits limits = {});

/// The error that a node answered with; success if it did not.
status error_of(const session::ToolResponse& response);

} // namespace agora
