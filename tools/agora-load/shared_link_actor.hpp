// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/messaging/tcp_link_actor.hpp"

#include <caf/typed_response_promise.hpp>

#include <chrono>
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
  /// Why it was not reached just now.
  struct refusal {
    caf::error reason;
    std::chrono::steady_clock::time_point until;
  };
  std::map<address, refusal> refusals;
  /// Who waits for a dial that is under way.
  std::map<address, std::vector<caf::typed_response_promise<gateway_actor>>>
    waiting;
};

/// A link that dials an address once for all who ask, and again when the
/// gateway there is lost. CAF keeps one connection between two nodes anyway:
/// ten thousand agents that each dial would make ten thousand, to close all
/// but one. For the same reason all who ask within a moment get one refusal:
/// while no master listens, the machine is for the master that starts.
link_actor::behavior_type
shared_link(link_actor::stateful_pointer<shared_link_state> self,
            link_actor tcp);

} // namespace agora::load
