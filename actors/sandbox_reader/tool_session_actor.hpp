// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/interfaces.hpp"
#include "runtime/messaging/address.hpp"
#include "runtime/messaging/tcp_link_actor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace agora {

/// TOOL SESSION: asks one node, a master or an agent, and brings back its
/// answers. Opens a session when it starts, and again whenever it is lost.
using tool_session_actor = dialing_owner<session::ToolResponses>::extend<
  // From anyone: asks; the id is filled in. Fails: what the node answered,
  // unreachable and others of the connector, session_lost (the question may
  // or may not have had its effect), limit_reached.
  caf::replies_to<session::ToolRequest>::with<session::ToolResponse>>;

struct tool_session_limits {
  /// Questions without an answer, those included that wait for a session.
  size_t open_requests = 1'000;
};

struct tool_session_state {
  static inline const char* name = "tool-session";

  using promise = caf::typed_response_promise<session::ToolResponse>;

  tool_session_limits limits;
  session_actor session;
  session_number number = 0;
  uint64_t last_id = 0;
  std::map<uint64_t, promise> asked;
  /// Not sent yet.
  std::vector<std::pair<session::ToolRequest, promise>> waiting;
};

/// @param user Ends this actor when it ends.
tool_session_actor::behavior_type
tool_session(tool_session_actor::stateful_pointer<tool_session_state> self,
             const caf::strong_actor_ptr& user, tool_session_limits limits);

/// Spawns a tool session to one of `addresses`, and what it needs to dial.
tool_session_actor spawn_tool_session(caf::actor_system& system,
                                      const caf::strong_actor_ptr& user,
                                      std::vector<node_address> addresses,
                                      const link_actor& link);

/// The error that a node answered with; success if it did not.
status error_of(const session::ToolResponse& response);

} // namespace agora
