// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/messaging/tcp_link_actor.hpp"

#include <caf/typed_response_promise.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace agora::load {

struct shared_link_state {
  static inline const char* name = "shared-link";

  using address = std::pair<std::string, uint16_t>;

  link_actor tcp;
  /// Reached, and not down since.
  std::map<address, gateway_actor> gateways;
  /// Who waits for a dial that is under way.
  std::map<address, std::vector<caf::typed_response_promise<gateway_actor>>>
    waiting;
};

/// A link that dials an address once for all who ask, and again when the
/// gateway there is lost. CAF keeps one connection between two nodes anyway:
/// ten thousand agents that each dial would make ten thousand, to close all
/// but one.
link_actor::behavior_type
shared_link(link_actor::stateful_pointer<shared_link_state> self,
            link_actor tcp);

} // namespace agora::load
