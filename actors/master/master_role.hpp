// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/master/master_actor.hpp"

namespace agora {

// The master actor and its log: who leads, and what is committed.

/// What the log says:
///  - who leads: takes over, steps down, or tells the peers of another leader;
///  - what is committed: applies it, in either role, and gives the log the
///    changes of the stored state. A standby answers nobody;
///  - that it has installed a state: goes on from there.
void take_news(master_ptr self, log_news news);

/// Tells one agent's or scheduler's session whether this master leads; tools
/// are told when they ask.
void tell_leadership(master_ptr self, const master_session& session);

/// Tells the gateway how this node stands, if it does not know.
void tell_gateway(master_ptr self);

} // namespace agora
