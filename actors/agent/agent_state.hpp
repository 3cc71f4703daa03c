// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_books.hpp"
#include "actors/agent/agent_outbox.hpp"
#include "actors/agent/ended_sandboxes.hpp"
#include "actors/agent/spawn_agent.hpp"
#include "actors/interfaces.hpp"
#include "actors/session/leader_choice.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace agora {

/// What the agent actor has: the books, and whom it acts through.
struct agent_state {
  static inline const char* name = "agent";

  std::unique_ptr<agent_books> books;
  agent_seams seams;

  // -- the actors under it ----------------------------------------------------
  containerizer_actor containers;
  std::map<framework_id, status_stream_actor> streams;
  /// What an earlier process has stored, until its stream is started.
  std::map<framework_id, std::vector<checkpoint::PendingStatus>> recovered;
  std::map<executor_key, command_executor_actor> executors;

  // -- sessions ---------------------------------------------------------------
  /// One for each master.
  std::vector<connector_actor> connectors;
  /// All that are open to masters.
  std::map<session_number, session_actor> masters;
  leader_choice leaders;
  /// When sessions are given up whose masters lead with an old epoch: the next
  /// introduction tells them of a newer one.
  std::map<session_number, std::chrono::steady_clock::time_point> outdated;
  /// Masters of which it was said that they are not reached, since a session
  /// was lost the last time.
  std::set<std::string> unreached;
  /// The session to the master that leads; 0: none.
  session_number master = 0;
  epoch master_epoch;
  session_actor master_session;
  bool attached = false;
  /// An operator has marked this agent gone: it ends what it holds, and nobody
  /// waits to hear of it.
  bool disowned = false;
  /// Why the master refused it the last time, if it did.
  std::string refusal;
  /// By when the master has to answer the attach.
  std::optional<std::chrono::steady_clock::time_point> attach_deadline;
  /// When the session that was refused is given up.
  std::optional<std::chrono::steady_clock::time_point> refused_until;
  /// Of executors and tools.
  std::map<session_number, session_actor> peers;

  // -- gathered until the next flush ------------------------------------------
  agent_effects pending;
  std::map<framework_id, std::vector<v1::TaskStatus>> statuses;
  std::map<framework_id, std::vector<stream_acknowledge::update>>
    acknowledgements;
  std::map<session_number, session::AgentToExecutor> events;
  agent_outbox outbox;
  bool flush_sent = false;

  /// Whose files can still be asked for by task id.
  ended_sandboxes ended{10'000};
  /// When the earliest tick that is under way comes.
  std::optional<std::chrono::steady_clock::time_point> tick_at;
  bool stopping = false;
};

using agent_ptr = agent_actor::stateful_pointer<agent_state>;

/// Both clocks, now.
moment now_of(agent_ptr self);

/// Makes happen what decisions want, in order: some at once, some once it is
/// stored. What goes to others is gathered until the mailbox has had its turn.
void perform(agent_ptr self, agent_effects effects);

/// Sends and stores what has gathered.
void flush_agent(agent_ptr self);

/// Sees to a flush.
void need_flush(agent_ptr self);

/// Sees to a tick when the next deadline has come.
void schedule_agent_tick(agent_ptr self);

/// Tells all status streams whether somebody takes what they have to say: a
/// master that is attached, or, of a disowned agent, the agent itself.
void attach_streams(agent_ptr self);

/// Ends a session of an executor or a tool.
void close_peer(agent_ptr self, session_number number, status reason);

/// Answers a tool: agents know files only.
void answer_tool(agent_ptr self, session_number number,
                 session::ToolRequests& requests);

} // namespace agora
