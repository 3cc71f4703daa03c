// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/ids.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// Under which keys the cluster's state is stored; relative to the state of
/// its log. The ids within are free of '/', so that no two keys meet. All that
/// a framework may have very much of is under prefixes of its own, so that its
/// end can erase it as ranges.
namespace agora::state_keys {

inline constexpr std::string_view cluster = "cluster";
inline constexpr std::string_view agents = "agent/";
inline constexpr std::string_view ended_tasks = "ended/";
inline constexpr std::string_view executors = "executor/";
inline constexpr std::string_view frameworks = "framework/";
inline constexpr std::string_view groups = "group/";
inline constexpr std::string_view tasks = "task/";
inline constexpr std::string_view task_states = "task_state/";

/// "agent/<agent>"
std::string of_agent(const agent_id& id);

/// "framework/<framework>"
std::string of_framework(const framework_id& id);

/// "task/<framework>/": what the keys of all its tasks start with.
std::string tasks_of(const framework_id& id);

/// "task_state/<framework>/", likewise.
std::string task_states_of(const framework_id& id);

/// "group/<framework>/", likewise.
std::string groups_of(const framework_id& id);

/// "executor/<framework>/", likewise.
std::string executors_of(const framework_id& id);

/// "task/<framework>/<task>"
std::string of_task(const framework_id& framework, std::string_view task);

/// "task_state/<framework>/<task>"
std::string of_task_state(const framework_id& framework, std::string_view task);

/// "group/<framework>/<group number, 16 hex digits>"
std::string of_group(const framework_id& framework, uint64_t number);

/// "executor/<framework>/<agent>/<executor>"
std::string of_executor(const agent_id& agent, const executor_key& key);

/// "ended/<end number, 16 hex digits>"
std::string of_ended_task(uint64_t end_number);

} // namespace agora::state_keys
