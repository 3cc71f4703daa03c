// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/sandbox_reader/file_cursor.hpp"
#include "actors/sandbox_reader/tool_session_actor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <optional>
#include <string_view>

namespace agora {

/// FILE FOLLOWER: reads one file of one sandbox, and ends. Normally when all
/// was read, or with the error that stopped it: monitor it.
using file_follower_actor = caf::typed_actor<
  // INTERNAL: ask for the next chunk.
  caf::reacts_to<caf::tick_atom>>;

/// Takes what was read, in order. An error ends the follower with it.
using file_sink = std::function<status(std::string_view)>;

struct file_follower_state {
  static inline const char* name = "file-follower";

  std::optional<file_cursor> cursor;
  tool_session_actor agent;
  file_sink sink;
};

/// @param reader It ends with this one.
/// @param agent A session to the agent that runs, or ran, the task.
/// @param sink Called on this actor's thread; may block for a short write.
file_follower_actor::behavior_type
file_follower(file_follower_actor::stateful_pointer<file_follower_state> self,
              const caf::strong_actor_ptr& reader, tool_session_actor agent,
              file_request request, file_sink sink);

} // namespace agora
