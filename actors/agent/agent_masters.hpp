// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_state.hpp"

// The agent actor's sessions to masters: it keeps one to each, is attached to
// the master that leads, and idle elsewhere.

namespace agora {

/// A session to a master is open.
void master_up(agent_ptr self, const session_up& news,
               const session_actor& session);

/// One of agent_state::masters is over.
void master_down(agent_ptr self, const session_down& news);

/// A master has said whether it leads; any of them, not only the one that the
/// agent is attached to.
void master_said(agent_ptr self, session_number number,
                 const session::Leadership& what);

void master_not_reached(agent_ptr self, const dial_failed& news);

/// The master that leads does not take this agent, or the agent not it: the
/// session is useless. It is kept for a while, so that the next attempt is not
/// made at once.
void give_up_later(agent_ptr self);

/// Does what is due by now: closes useless sessions, says that nobody leads.
void masters_due(agent_ptr self);

} // namespace agora
