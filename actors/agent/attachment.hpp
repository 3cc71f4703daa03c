// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_books.hpp"
#include "runtime/base/epoch.hpp"

#include "agora/session/agent.pb.h"

#include <map>
#include <vector>

namespace agora {

/// Of the text of a task's newest status, in an attach. The status itself comes
/// whole through its stream.
inline constexpr size_t held_message_bytes = 256;

epoch epoch_of(const session::Epoch& wire);

/// Who this agent is, and all that it holds. Tasks whose first checkpoints are
/// still on the way to the disk are left out: they are not promised yet. What
/// it says of tasks and executors has at most agent_limits::attach_bytes; if
/// there is not enough room, texts and TaskInfos are left out.
session::AttachAgent make_attach(const agent_books& books);

/// How this node introduces itself when it dials masters.
session::OpenSession make_introduction(const agent_books& books);

/// The master has accepted this agent. Stores its id, its cluster and the
/// epoch, and marks the orphans: these are neither added to nor ended until an
/// operator decides.
/// @returns errc::stale_epoch, errc::wrong_cluster or errc::conflict (another
///          agent id): the session is of no use, and nothing was changed.
status take_attached(agent_books& books, const session::AgentAttached& answer,
                     agent_effects& out);

/// The master resolved an orphan: it belongs to its framework again.
/// @returns whether it is held here.
bool adopt_task(agent_books& books, const session::AdoptTask& request,
                agent_effects& out);

/// The orphans, by framework.
std::map<framework_id, std::vector<task_id>>
orphans_of(const agent_books& books);

} // namespace agora
