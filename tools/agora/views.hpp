// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tools/agora/table.hpp"

#include "agora/session/tool.pb.h"

#include <cstdint>
#include <optional>
#include <string>

// The cluster's answers as text for people: one function an answer. Plain
// functions: answer and time in, text out. For programs there is JSON, which is
// the answer itself.

namespace agora {

struct view_style {
  bool colour = false;
  /// Nanoseconds since the Unix epoch, for ages.
  int64_t now_ns = 0;
};

std::string view_of(const session::ClusterStatus& cluster,
                    const std::string& master, const view_style& style);
std::string view_of(const session::AgentList& list, const view_style& style);
std::string view_of(const session::FrameworkList& list,
                    const view_style& style);
std::string view_of(const session::RoleList& list, const view_style& style);
std::string view_of(const session::OfferList& list, const view_style& style);
std::string view_of(const session::TaskList& list, const view_style& style);
std::string view_of(const session::OrphanList& list, const view_style& style);
std::string view_of(const session::MasterList& list, const view_style& style);
std::string view_of(const session::FrameworkExplanation& explanation,
                    const view_style& style);

/// Everything about one task.
std::string detail_of(const session::TaskSummary& task,
                      const view_style& style);

/// "running": the name of a state without its prefix, in small letters.
std::string state_text(v1::TaskState state);

/// The state of that name, with or without prefix, in any case; nothing if
/// there is none.
std::optional<v1::TaskState> parse_state(std::string_view text);

} // namespace agora
