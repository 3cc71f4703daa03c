// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_books.hpp"

#include <vector>

namespace agora {

/// An executor reports a task's state. What it must not say (another
/// executor's task, a state that is not an executor's to report) is
/// acknowledged, so that it is not repeated, and otherwise ignored.
/// @returns whether it was taken.
bool take_update(agent_books& books, const executor_key& from,
                 v1::TaskStatus news, moment now, agent_effects& out);

/// Keeps what tells a repeated update; the oldest one goes if there are too
/// many.
void remember_update(held_task& task, reported_update what);

/// Says of which launch an update speaks that is about to leave.
void name_launch(const agent_books& books, session::TaskStatusEntry& entry);

/// These updates are on disk: their executors need not keep them any more, and
/// of ended tasks the containers' records can go. The end of one whose id
/// another launch has got counts as acknowledged.
void statuses_durable(agent_books& books, const framework_id& framework,
                      const std::vector<durable_status>& statuses,
                      agent_effects& out);

/// Nothing is stored of these tasks any more: launches that waited for their
/// ids are taken.
void tasks_settled(agent_books& books, const framework_id& framework,
                   const std::vector<task_id>& tasks, moment now,
                   agent_effects& out);

} // namespace agora
