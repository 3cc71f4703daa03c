// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_books.hpp"

#include "agora/session/agent.pb.h"

namespace agora {

/// Has a task killed. The wish is stored, so that it outlives this process. A
/// task whose executor has not got it yet is KILLED at once, with its group;
/// an orphan's updates flow from now on, since the master asked for its end.
/// A launch of it that is laid by is the one that is meant: what it waits for
/// is ended anyway.
/// @returns whether the task is held here; one that has ended is left alone.
bool kill_task(agent_books& books, const session::KillTask& request, moment now,
               agent_effects& out);

/// The same for the task at hand.
void end_task(agent_books& books, held_task& task, const v1::KillPolicy& policy,
              moment now, agent_effects& out);

/// Ends a task that is to be killed and that its executor never got.
/// @pre Its checkpoint is on disk, and it has not ended.
void kill_undelivered(agent_books& books, held_task& task, moment now,
                      agent_effects& out);

/// A task of a group has ended. Unless it is FINISHED, the built-in executor
/// kills the others; that they are to end is stored here, before the end itself
/// is: nobody else would know after a restart.
void kill_siblings(agent_books& books, const held_task& ended, moment now,
                   agent_effects& out);

/// The KILL event for a task whose kill was asked for. The grace period in it
/// is what is left of it at `now`.
v1::executor::Event kill_event(const held_task& task, moment now);

/// A custom executor was told to end, now or by an earlier agent process: it
/// has what is left of its grace period.
void begin_end(const agent_books& books, held_executor& executor, moment now);

/// Ends an executor and its tasks: SHUTDOWN first; what is left after its
/// grace period is killed. The wish is stored, so that it outlives this
/// process.
/// @returns whether the executor is here.
bool shutdown_executor(agent_books& books, const executor_key& key, moment now,
                       agent_effects& out);

/// Ends all executors and tasks of a framework.
void shutdown_framework(agent_books& books, const framework_id& framework,
                        moment now, agent_effects& out);

/// Ends everything that this agent holds, orphans included: it does not belong
/// to the cluster any more.
void end_everything(agent_books& books, moment now, agent_effects& out);

} // namespace agora
