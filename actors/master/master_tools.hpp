// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/master/master_actor.hpp"

namespace agora {

/// Requests of the admin tool. A leader answers what is read once its log has
/// proved that it still leads, and does at once what changes something, for
/// that is proved by its commit. A standby tells who leads. Every master tells
/// of the masters.
void from_tool(master_ptr self, session_number number,
               session::ToolRequests& body);

} // namespace agora
