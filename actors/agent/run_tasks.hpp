// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_books.hpp"

#include "agora/session/agent.pb.h"

#include <vector>

namespace agora {

/// Takes tasks over from the master: stores them, then confirms them and has
/// them started. One that is held already is only confirmed again, so nothing
/// runs twice. An invalid task is stored as well, and ends with its status.
///
/// If a task is held that has the id of one of them and is of another launch,
/// the log has that one's end: it is ended and forgotten, and its end is nobody
/// else's business; the new launch, as a whole, is laid by until then. Only an
/// orphan, which the log does not know, is left alone. What there is no room
/// for (see agent_limits) is answered with a status and not confirmed.
/// Tasks without an id, or with one over stored_id_bytes, are left alone: there
/// is nothing to answer them with. @returns how many these were.
size_t accept_run_tasks(agent_books& books, session::RunTasks& request,
                        moment now, agent_effects& out);

/// The log has the acknowledgement of a task's end. From here on a launch of
/// the same id is another task: accept_run_tasks lays it by until what is
/// stored of the old one is gone.
void settle_task(agent_books& books, const task_key& key,
                 const std::string& uuid);

/// The log has the end of the task, whichever it is: it counts as acknowledged.
/// @pre It has ended.
void end_acknowledged(held_task& task, agent_effects& out);

/// Keeps a kill for a launch that is laid by. @returns whether there is one.
bool postpone_kill(agent_books& books, const session::KillTask& request);

/// Takes the launch that waited for this id, unless it waits for others too.
/// @returns what is to be killed of it.
std::vector<session::KillTask> accept_postponed(agent_books& books,
                                                const task_key& settled,
                                                moment now, agent_effects& out);

} // namespace agora
