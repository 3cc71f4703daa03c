// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/node/node_program.hpp"

#include <caf/exit_reason.hpp>

namespace agora {

/// Ends the node when the actor that it exists for ends by a fault: a process
/// that listens and does nothing would keep its supervisor from helping.
template <class Actor>
void end_with_actor(node_control& control, const Actor& actor) {
  actor->attach_functor([&control](const caf::error& why) {
    if (why && why != caf::exit_reason::user_shutdown)
      control.fail_node(why);
  });
}

} // namespace agora
