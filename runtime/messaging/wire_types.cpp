// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/messaging/wire_types.hpp"

#include "runtime/base/result.hpp"
#include "runtime/messaging/session_frame.hpp"

#include <caf/actor_system_config.hpp>

namespace agora {

void register_wire_types(caf::actor_system_config& config) {
  config.add_message_type<session_frame>("agora.session_frame");
  config.add_message_type<session_endpoint>("agora.session_endpoint");
  config.add_message_type<session::OpenSession>("agora.session.OpenSession");
  config.add_message_type<session::SessionOpened>(
    "agora.session.SessionOpened");
  config.add_error_category<errc>(caf::atom("agora"));
}

} // namespace agora
