// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_state.hpp"
#include "actors/agent/checkpoint/agent_checkpoint.hpp"

namespace agora {

/// AGENT: its resources, its executors, its checkpoints. See spawn_agent.
/// @param random 16 random bytes, for the uid of a new agent.
agent_actor::behavior_type agent(agent_ptr self, agent_options options,
                                 agent_seams seams, agent_checkpoint stored,
                                 const std::string& random);

} // namespace agora
