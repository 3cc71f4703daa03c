// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/allocator/agent_account.hpp"
#include "actors/allocator/decline_filters.hpp"
#include "actors/allocator/scalar_sums.hpp"
#include "actors/allocator/share_sorter.hpp"
#include "runtime/base/ids.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace agora {

/// An agent, and what about it has changed since the last plan.
struct allocator_agent {
  agent_number number = 0;
  agent_id id;
  std::string hostname;
  /// As in agent_offerable.
  uint64_t attachment = 0;
  agent_account account;

  /// Who let an offer of this agent go by since somebody used one, with the
  /// client's count of revivals at that time: a REVIVE voids it. They wait
  /// until all others that can be offered the agent have had a turn.
  std::map<client_number, uint32_t> passed;

  /// Somebody who could not be offered it before may be able to now: anybody,
  /// or these.
  bool check_all = false;
  std::vector<client_number> check;
};

/// One framework in one role.
struct allocator_client {
  framework_id framework;
  std::string role;

  /// Whether the framework is subscribed in the role.
  bool subscribed = false;
  bool suppressed = false;

  /// Counts what makes the framework want to see again what it has refused.
  uint32_t revivals = 0;

  /// Where it uses or is offered something.
  std::set<agent_number> agents;
};

/// A framework that the master has told of, or that uses something.
struct allocator_framework {
  /// Told of, and not removed.
  bool known = false;
  bool connected = false;
  std::map<std::string, client_number> clients; // by role
};

/// All that the allocator knows. Changed by allocation_planner only.
struct allocation_state {
  std::unordered_map<agent_id, agent_number> agent_numbers;
  /// In the order of their first attachment, which is the order of planning.
  std::map<agent_number, allocator_agent> agents;
  std::unordered_map<framework_id, allocator_framework> frameworks;
  std::unordered_map<client_number, allocator_client> clients;

  scalar_names names;
  share_sorter sorter;
  decline_filters filters;

  size_t attached = 0;

  /// Those of `agents` that can be offered: account.offerable().
  std::map<agent_number, allocator_agent*> offerable;

  /// After a plan, no competing client could be offered any agent. These have
  /// changed since; all others need not be looked at.
  std::set<agent_number> changed_agents;
  std::set<client_number> changed_clients;

  allocator_agent* find(const agent_id& id);

  /// Null unless it is told of, or uses something.
  allocator_framework* find(const framework_id& id);

  /// Whether the client wants offers and no filter is between it and all that
  /// is free of the agent.
  bool can_be_offered(const allocator_agent& agent, client_number client) const;

  struct choice {
    client_number client = 0;
    /// Everybody else has passed too: all may have a turn again.
    bool new_round = false;
  };

  /// Who is to be offered the agent, of all who can.
  std::optional<choice> next_for(const allocator_agent& agent);

  /// The same, of `candidates`, which may have doubles.
  std::optional<choice> next_for(const allocator_agent& agent,
                                 const std::vector<client_number>& candidates);

private:
  bool has_passed(const allocator_agent& agent, client_number client) const;

  /// The one of `candidates` that comes first and that `accepts`.
  template <class Predicate>
  std::optional<client_number>
  first_of(const std::vector<client_number>& candidates, Predicate accepts);
};

} // namespace agora
