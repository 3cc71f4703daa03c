// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_books.hpp"
#include "actors/agent/checkpoint/agent_checkpoint.hpp"

#include <string>

namespace agora {

/// Starts the agent's books from what an earlier process has stored; with
/// nothing stored, the agent gets its uid from `random`, 16 bytes of it.
///
/// The incarnation is raised and stored before any master is dialed. Built-in
/// executors are started again and re-attach their tasks' containers; custom
/// ones get a while to subscribe again. After a reboot nothing is re-attached,
/// and unfinished tasks fail with that reason. What else runs is killed.
void recover_agent(agent_books& books, agent_checkpoint stored,
                   const std::string& random, const std::string& boot_id,
                   moment now, agent_effects& out);

} // namespace agora
