// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/messaging/wire_types.hpp"

#include "runtime/base/result.hpp"
#include "runtime/messaging/session_frame.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/message.hpp>

namespace agora {

void register_wire_types(caf::actor_system_config& config) {
  config.add_message_type<session_frame>("agora.session_frame");
  config.add_message_type<session_endpoint>("agora.session_endpoint");
  config.add_message_type<session::OpenSession>("agora.session.OpenSession");
  config.add_message_type<session::SessionOpened>(
    "agora.session.SessionOpened");
  // Not CAF's own template for enums: it does not compile in 0.17.6.
  config.add_error_category(
    caf::atom("agora"),
    [](uint8_t code, caf::atom_value, const caf::message& context) {
      auto name = to_string(static_cast<errc>(code));
      return context.empty() ? name : name + caf::to_string(context);
    });
}

} // namespace agora
