// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_books.hpp"

#include <vector>

namespace agora {

/// Whether the executor still gets tasks: it is not about to end.
bool takes_tasks(const held_executor& executor);

/// What becomes of a task that certainly did not run: DROPPED, or LOST for
/// frameworks that are not partition-aware.
v1::TaskState dropped_state(bool partition_aware);

v1::TaskState dropped_state(const agent_books& books,
                            const framework_id& framework);

/// The checkpoints of these tasks are on disk: each is handed to its executor,
/// or waits for it, or ends with a status.
void start_stored_tasks(agent_books& books, const std::vector<task_key>& tasks,
                        moment now, agent_effects& out);

/// Hands to the executor, which is reachable, all that waits for it.
void launch_waiting(agent_books& books, held_executor& executor,
                    agent_effects& out);

/// A built-in executor says that the earlier agent process had not started the
/// task: it is started now, as a new container.
void restart_unstarted(agent_books& books, held_task& task, agent_effects& out);

} // namespace agora
