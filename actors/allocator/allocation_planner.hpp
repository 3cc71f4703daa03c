// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/allocator/allocation_state.hpp"
#include "actors/local_messages.hpp"

#include "agora/session/tool.pb.h"

#include <chrono>
#include <optional>
#include <vector>

namespace agora {

/// Who is offered what. Takes in what changed, then plans offers until no
/// agent that can be offered is left to anybody who can be offered it. Each
/// plan looks only at what has changed since the last.
///
/// What is reported of agents and frameworks that are not known (any more) is
/// ignored: the master may be told late. Anything else that contradicts what
/// was planned or reported before ends the process.
class allocation_planner {
public:
  using time_point = decline_filters::time_point;

  /// Takes in one change. Filters begin at `now`.
  void apply(const allocation_change& change, time_point now);

  /// The offers to make now. They count as offered from here on.
  std::vector<planned_offer> plan(time_point now);

  /// When to plan again though nothing was applied: a filter ends.
  std::optional<time_point> next_deadline() const;

  /// What stands between a framework and an offer. Fails with not_found.
  result<session::FrameworkExplanation> explain(const framework_id& framework,
                                                time_point now);

  /// What every role and framework holds, and its share.
  share_report shares() const;

  /// For tests.
  const allocation_state& state() const {
    return state_;
  }

private:
  void on(const agent_offerable& change, time_point now);
  void on(const agent_withdrawn& change, time_point now);
  void on(const agent_removed& change, time_point now);
  void on(const framework_active& change, time_point now);
  void on(const framework_inactive& change, time_point now);
  void on(const framework_removed& change, time_point now);
  void on(const offered_used& change, time_point now);
  void on(const offered_returned& change, time_point now);
  void on(const used_released& change, time_point now);
  void on(const used_added& change, time_point now);
  void on(const roles_revived& change, time_point now);
  void on(const roles_suppressed& change, time_point now);

  /// An agent and a client that were told of; null if they are not known.
  struct parties {
    allocator_agent* agent = nullptr;
    client_number client = 0;
  };

  /// Who `change` is about; `agent` is null if either is not known.
  template <class Change>
  parties parties_of(const Change& change);

  /// As parties_of, for changes of what was offered: null too if that has
  /// vanished, because the framework was removed or the agent withdrawn.
  template <class Change>
  parties parties_of_offer(const Change& change);

  client_number client_of(const framework_id& framework,
                          const std::string& role);

  /// The framework's clients in `roles`, or all if there are none.
  std::vector<client_number> clients_in(const framework_id& framework,
                                        const std::vector<std::string>& roles);

  /// Whether the client competes for offers follows from the rest.
  void update_competing(client_number client);

  /// The client may want what it has refused.
  void forget_refusals(client_number client);

  /// Forgets a client that is not subscribed and has nothing, and its
  /// framework with its last client.
  void drop_if_unused(client_number client);

  void add_used(allocator_agent& agent, const framework_id& framework,
                const std::string& role, const resources& amount);

  /// The client has let an offer of the agent go by.
  void note_pass(allocator_agent& agent, client_number client);

  /// Takes everything on the agent from everybody.
  void release_all(allocator_agent& agent);

  /// Keeps what follows from an agent's account. To be called after a change.
  void account_changed(allocator_agent& agent, client_number client);
  void update_offerable(allocator_agent& agent);

  /// More of the agent is free than before.
  void check_all(allocator_agent& agent);

  /// A filter between the two is gone.
  void check(decline_filters::pair where);

  /// Offers the agent to whom it is to be offered, if to anybody.
  std::optional<planned_offer> plan_agent(allocator_agent& agent);

  allocation_state state_;
  agent_number last_agent_ = 0;
};

} // namespace agora
