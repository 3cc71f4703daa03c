// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_books.hpp"

#include "agora/v1/executor/executor.pb.h"

#include <string>

namespace agora {

/// A custom executor subscribes, for the first time or again: it gets
/// SUBSCRIBED, its unacknowledged updates are taken, and it is sent what it
/// has not got: waiting tasks, tasks whose LAUNCH was lost, kills; or, if it
/// was told to end, SHUTDOWN once more.
/// @returns errc::not_found, errc::conflict: the session is of no use.
status executor_subscribed(agent_books& books, session_number session,
                           v1::executor::Call& call, moment now,
                           agent_effects& out);

/// An executor's session is over.
void executor_session_lost(agent_books& books, session_number session,
                           moment now, agent_effects& out);

/// What has become of a custom executor's process.
void executor_process_changed(agent_books& books, const container_event& what,
                              moment now, agent_effects& out);

/// Executors that took too long to register, to come back or to end.
void executors_due(agent_books& books, moment now, agent_effects& out);

/// Ends the built-in executor of a group if all its tasks have ended.
void end_group_executor(agent_books& books, const executor_key& key,
                        agent_effects& out);

/// Ends a custom executor that was never started if all its tasks have ended.
void end_unneeded_executor(agent_books& books, const executor_key& key,
                           moment now, agent_effects& out);

/// Tells the master, whose log counts what the executor of a launch uses, that
/// it does not run here, unless it does.
void tell_absent(const agent_books& books, const executor_key& key,
                 agent_effects& out);

/// The wait status of `how`, as waitpid gives it; -1 if nobody saw it.
int32_t wait_status_of(const exit_status& how);

} // namespace agora
