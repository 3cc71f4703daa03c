// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tools/agora/console.hpp"

#include <cstdint>
#include <string>

// Commands about the masters themselves: who they are, and who leads.

namespace agora {

/// Lists the masters. The one that leads knows how far each has got; if it can
/// be reached, its answer is shown, and otherwise that of any.
tool_exit show_masters(const tool_settings& settings);

/// Takes a master in.
/// @param where "4=HOST:PORT".
tool_exit add_master(const tool_settings& settings, const std::string& where);

/// Takes a master out for good.
tool_exit remove_master(const tool_settings& settings, uint32_t number);

/// Lets another master lead.
tool_exit transfer_leadership(const tool_settings& settings, uint32_t to);

} // namespace agora
