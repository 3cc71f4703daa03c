// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/allocator/allocation_state.hpp"

#include <algorithm>

namespace agora {

namespace {

/// Up to this many candidates are compared with each other; of more, the walk
/// through the sorted clients finds the first sooner.
constexpr size_t candidates_compared = 16;

/// After this many clients that cannot be offered an agent, all filters of the
/// agent are read in one go.
constexpr size_t clients_walked = 16;

} // namespace

allocator_agent* allocation_state::find(const agent_id& id) {
  auto number = agent_numbers.find(id);
  return number == agent_numbers.end() ? nullptr : &agents.at(number->second);
}

allocator_framework* allocation_state::find(const framework_id& id) {
  auto found = frameworks.find(id);
  return found == frameworks.end() ? nullptr : &found->second;
}

bool allocation_state::can_be_offered(const allocator_agent& agent,
                                      client_number client) const {
  return sorter.is_competing(client)
         && filters.find({agent.number, client}, agent.account.free())
              == nullptr;
}

bool allocation_state::has_passed(const allocator_agent& agent,
                                  client_number client) const {
  auto pass = agent.passed.find(client);
  if (pass == agent.passed.end())
    return false;
  auto who = clients.find(client);
  return who != clients.end() && who->second.revivals == pass->second;
}

template <class Predicate>
std::optional<client_number>
allocation_state::first_of(const std::vector<client_number>& candidates,
                           Predicate accepts) {
  std::optional<client_number> best;
  for (auto client : candidates)
    if (accepts(client) && (!best || sorter.precedes(client, *best)))
      best = client;
  return best;
}

std::optional<allocation_state::choice>
allocation_state::next_for(const allocator_agent& agent) {
  // Most often one of the first few in order can be offered the agent.
  size_t walked = 0;
  auto next = sorter.first([&](client_number client) {
    return walked++ == clients_walked
           || (!has_passed(agent, client) && can_be_offered(agent, client));
  });
  if (next && walked <= clients_walked)
    return choice{*next, false};
  if (!next && agent.passed.empty())
    return std::nullopt;
  auto able = filters.unfiltered(agent.number, agent.account.free(),
                                 sorter.competing());
  if (able.size() <= candidates_compared)
    return next_for(agent, able);
  auto is_able = [&](client_number client) {
    return std::binary_search(able.begin(), able.end(), client);
  };
  next = sorter.first([&](client_number client) {
    return !has_passed(agent, client) && is_able(client);
  });
  if (next)
    return choice{*next, false};
  return choice{*sorter.first(is_able), true};
}

std::optional<allocation_state::choice>
allocation_state::next_for(const allocator_agent& agent,
                           const std::vector<client_number>& candidates) {
  auto next = first_of(candidates, [&](client_number client) {
    return !has_passed(agent, client) && can_be_offered(agent, client);
  });
  if (next)
    return choice{*next, false};
  next = first_of(candidates, [&](client_number client) {
    return can_be_offered(agent, client);
  });
  return next ? std::optional{choice{*next, true}} : std::nullopt;
}

} // namespace agora
