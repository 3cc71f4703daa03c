// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <caf/fwd.hpp>

namespace agora {

/// Registers every type that CAF may carry between nodes, and no other: what
/// is not registered cannot be received from the network, so that a peer can
/// never reach an inner actor with a message of its own making. CAF writes
/// these types' names on the wire: append only.
void register_wire_types(caf::actor_system_config& config);

} // namespace agora
