// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/sandbox_reader/file_follower_actor.hpp"
#include "actors/sandbox_reader/tool_session_actor.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/messaging/address.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace agora {

/// Which file to read, of a task of which agent, and where it goes.
struct read_sandbox {
  v1::AgentID agent;
  file_request file;
  file_sink sink;
};

/// SANDBOX READER: reads files of tasks wherever in the cluster they are: asks
/// the master where agents are reached, keeps one session to each agent.
using sandbox_reader_actor = caf::typed_actor<
  // From anyone: reads a file; the answer comes when all was read. Fails:
  // not_found (no such agent, task or file), limit_reached (too many wait),
  // what the sink failed with, and the errors of tool sessions.
  caf::reacts_to<read_sandbox>>;

struct sandbox_reader_limits {
  /// Files that are read at once, and that wait.
  size_t readers = 16;
  size_t queue = 100'000;
};

/// Opens a tool session to a node, for `user`. Replaced by tests.
using open_tool_session = std::function<tool_session_actor(
  const caf::strong_actor_ptr& user, std::vector<node_address> addresses)>;

struct sandbox_reader_state {
  static inline const char* name = "sandbox-reader";

  struct entry {
    read_sandbox what;
    caf::response_promise answer;
  };

  sandbox_reader_limits limits;
  std::vector<node_address> masters;
  open_tool_session open;
  tool_session_actor master;
  bool asking = false;
  /// Where agents are reached.
  std::map<agent_id, node_address> addresses;
  std::map<agent_id, tool_session_actor> sessions;
  std::deque<entry> queue;
  std::map<caf::actor_addr, std::pair<agent_id, caf::response_promise>> active;
};

/// @param user Ends this actor when it ends.
sandbox_reader_actor::behavior_type sandbox_reader(
  sandbox_reader_actor::stateful_pointer<sandbox_reader_state> self,
  const caf::strong_actor_ptr& user, std::vector<node_address> masters,
  open_tool_session open, sandbox_reader_limits limits);

/// Spawns a sandbox reader that uses TCP.
sandbox_reader_actor spawn_sandbox_reader(caf::actor_system& system,
                                          const caf::strong_actor_ptr& user,
                                          std::vector<node_address> masters);

} // namespace agora

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::read_sandbox)
