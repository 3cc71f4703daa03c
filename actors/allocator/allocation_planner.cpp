// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/allocator/allocation_planner.hpp"

#include "actors/allocator/allocation_limits.hpp"
#include "runtime/base/check.hpp"

#include <algorithm>
#include <utility>

namespace agora {

namespace {

/// If more clients than this have changed, all are looked at, which comes to
/// the same: nobody else can be offered an agent that has not changed.
constexpr size_t clients_compared = 16;

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

} // namespace

void allocation_planner::apply(const allocation_change& change,
                               time_point now) {
  std::visit(
    [&](auto& what) {
      on(what, now);
    },
    change);
}

// -- plan ---------------------------------------------------------------------

std::vector<planned_offer> allocation_planner::plan(time_point now) {
  for (auto& where : state_.filters.expire(now))
    check(where);
  std::vector<allocator_agent*> agents;
  if (state_.changed_clients.empty()) {
    for (auto number : state_.changed_agents)
      agents.push_back(&state_.agents.at(number));
  } else {
    for (auto& [number, agent] : state_.offerable)
      agents.push_back(agent);
  }
  std::vector<planned_offer> offers;
  for (auto agent : agents)
    if (auto offer = plan_agent(*agent))
      offers.push_back(std::move(*offer));
  for (auto number : state_.changed_agents) {
    auto& agent = state_.agents.at(number);
    agent.check_all = false;
    agent.check.clear();
  }
  state_.changed_agents.clear();
  state_.changed_clients.clear();
  return offers;
}

std::optional<planned_offer>
allocation_planner::plan_agent(allocator_agent& agent) {
  if (!agent.account.offerable())
    return std::nullopt;
  std::optional<allocation_state::choice> choice;
  if (agent.check_all || state_.changed_clients.size() > clients_compared) {
    choice = state_.next_for(agent);
  } else {
    auto candidates = agent.check;
    candidates.insert(candidates.end(), state_.changed_clients.begin(),
                      state_.changed_clients.end());
    choice = state_.next_for(agent, candidates);
  }
  if (!choice)
    return std::nullopt;
  if (choice->new_round)
    agent.passed.clear();
  auto number = choice->client;
  auto& client = state_.clients.at(number);
  planned_offer offer{client.framework, client.role, agent.id,
                      agent.account.offer_all(number), agent.attachment};
  state_.sorter.allocate(number, state_.names.sums_of(offer.amount));
  state_.sorter.had_turn(number);
  account_changed(agent, number);
  return offer;
}

std::optional<allocation_planner::time_point>
allocation_planner::next_deadline() const {
  return state_.filters.next_end();
}

// -- agents -------------------------------------------------------------------

void allocation_planner::on(const agent_offerable& change, time_point) {
  auto [entry, is_new] = state_.agent_numbers.emplace(change.agent, 0);
  if (is_new)
    entry->second = ++last_agent_;
  auto& agent = state_.agents[entry->second];
  agent.number = entry->second;
  agent.id = change.agent;
  agent.hostname = change.hostname;
  agent.attachment = change.attachment;
  release_all(agent);
  agent.account.reset(change.total);
  agent.passed.clear();
  state_.sorter.add_total(state_.names.sums_of(change.total));
  ++state_.attached;
  for (auto& part : change.used)
    add_used(agent, part.framework, part.role, part.amount);
  update_offerable(agent);
  check_all(agent);
}

void allocation_planner::on(const agent_withdrawn& change, time_point) {
  auto agent = state_.find(change.agent);
  if (agent == nullptr || !agent->account.attached())
    return;
  std::vector<client_number> holders;
  for (auto& [client, held] : agent->account.holdings()) {
    holders.push_back(client);
    state_.sorter.release(client, state_.names.sums_of(held.offered));
  }
  state_.sorter.remove_total(state_.names.sums_of(agent->account.total()));
  --state_.attached;
  agent->account.withdraw();
  for (auto client : holders)
    account_changed(*agent, client);
  update_offerable(*agent);
}

void allocation_planner::on(const agent_removed& change, time_point) {
  auto agent = state_.find(change.agent);
  if (agent == nullptr)
    return;
  auto number = agent->number;
  release_all(*agent);
  state_.filters.clear_agent(number);
  state_.offerable.erase(number);
  state_.changed_agents.erase(number);
  state_.agents.erase(number);
  state_.agent_numbers.erase(change.agent);
}

void allocation_planner::release_all(allocator_agent& agent) {
  auto holdings = agent.account.holdings();
  if (agent.account.attached()) {
    state_.sorter.remove_total(state_.names.sums_of(agent.account.total()));
    --state_.attached;
  }
  agent.account = {};
  for (auto& [client, held] : holdings) {
    state_.sorter.release(client, state_.names.sums_of(held.offered));
    state_.sorter.release(client, state_.names.sums_of(held.used));
    account_changed(agent, client);
  }
}

// -- what is offered and used -------------------------------------------------

template <class Change>
allocation_planner::parties
allocation_planner::parties_of(const Change& change) {
  auto agent = state_.find(change.agent);
  auto framework = state_.find(change.framework);
  if (agent == nullptr || framework == nullptr)
    return {};
  auto client = framework->clients.find(change.role);
  if (client == framework->clients.end())
    return {};
  return {agent, client->second};
}

template <class Change>
allocation_planner::parties
allocation_planner::parties_of_offer(const Change& change) {
  auto who = parties_of(change);
  if (who.agent != nullptr
      && (!who.agent->account.attached()
          || !state_.find(change.framework)->known))
    return {};
  return who;
}

void allocation_planner::on(const offered_used& change, time_point) {
  auto [agent, client] = parties_of_offer(change);
  if (agent == nullptr)
    return;
  agent->account.use(client, change.amount);
  agent->passed.clear();
}

void allocation_planner::on(const offered_returned& change, time_point now) {
  auto [agent, client] = parties_of_offer(change);
  if (agent == nullptr || change.amount.empty())
    return;
  if (agent->account.take_back(client, change.amount))
    note_pass(*agent, client);
  state_.sorter.release(client, state_.names.sums_of(change.amount));
  if (auto refused = change.refuse_for) {
    auto lasting = std::clamp<std::chrono::nanoseconds>(
      *refused, allocation_limits::refusal_shortest,
      allocation_limits::filter_longest);
    if (auto dropped
        = state_.filters.add({agent->number, client}, change.amount,
                             now + lasting, lasting > *refused))
      check(*dropped);
  }
  account_changed(*agent, client);
  check_all(*agent);
}

void allocation_planner::on(const used_released& change, time_point) {
  auto [agent, client] = parties_of(change);
  if (agent == nullptr)
    return;
  agent->account.release(client, change.amount);
  state_.sorter.release(client, state_.names.sums_of(change.amount));
  account_changed(*agent, client);
  check_all(*agent);
}

void allocation_planner::on(const used_added& change, time_point) {
  if (auto agent = state_.find(change.agent))
    add_used(*agent, change.framework, change.role, change.amount);
}

void allocation_planner::add_used(allocator_agent& agent,
                                  const framework_id& framework,
                                  const std::string& role,
                                  const resources& amount) {
  if (amount.empty())
    return;
  auto client = client_of(framework, role);
  agent.account.add_used(client, amount);
  state_.sorter.allocate(client, state_.names.sums_of(amount));
  account_changed(agent, client);
}

// -- frameworks ---------------------------------------------------------------

void allocation_planner::on(const framework_active& change, time_point) {
  auto& framework = state_.frameworks[change.framework];
  framework.known = true;
  framework.connected = true;
  for (auto& role : change.roles)
    client_of(change.framework, role);
  for (auto number : clients_in(change.framework, {})) {
    auto& client = state_.clients.at(number);
    client.subscribed = contains(change.roles, client.role);
    client.suppressed = contains(change.suppressed_roles, client.role);
    if (!change.keep_filters || !client.subscribed)
      forget_refusals(number);
    update_competing(number);
    drop_if_unused(number);
  }
}

void allocation_planner::on(const framework_inactive& change, time_point) {
  auto framework = state_.find(change.framework);
  if (framework == nullptr)
    return;
  framework->connected = false;
  for (auto client : clients_in(change.framework, {}))
    update_competing(client);
}

void allocation_planner::on(const framework_removed& change, time_point) {
  auto framework = state_.find(change.framework);
  if (framework == nullptr)
    return;
  framework->known = false;
  framework->connected = false;
  auto clients = clients_in(change.framework, {});
  if (clients.empty())
    state_.frameworks.erase(change.framework);
  for (auto number : clients) {
    auto& client = state_.clients.at(number);
    client.subscribed = false;
    update_competing(number);
    state_.filters.clear_client(number);
    // What is on offer to it is free again; what it uses, when released.
    auto agents = client.agents;
    for (auto where : agents) {
      auto& agent = state_.agents.at(where);
      auto offered = agent.account.holdings().at(number).offered;
      agent.account.take_back(number, offered);
      state_.sorter.release(number, state_.names.sums_of(offered));
      check_all(agent);
      account_changed(agent, number);
    }
    drop_if_unused(number);
  }
}

void allocation_planner::on(const roles_revived& change, time_point) {
  for (auto number : clients_in(change.framework, change.roles)) {
    state_.clients.at(number).suppressed = false;
    forget_refusals(number);
    update_competing(number);
  }
}

void allocation_planner::on(const roles_suppressed& change, time_point) {
  for (auto number : clients_in(change.framework, change.roles)) {
    state_.clients.at(number).suppressed = true;
    update_competing(number);
  }
}

// -- what follows -------------------------------------------------------------

client_number allocation_planner::client_of(const framework_id& framework,
                                            const std::string& role) {
  auto& clients = state_.frameworks[framework].clients;
  auto [entry, is_new] = clients.emplace(role, 0);
  if (is_new) {
    entry->second = state_.sorter.add(framework, role);
    auto& client = state_.clients[entry->second];
    client.framework = framework;
    client.role = role;
  }
  return entry->second;
}

std::vector<client_number>
allocation_planner::clients_in(const framework_id& framework,
                               const std::vector<std::string>& roles) {
  std::vector<client_number> found;
  if (auto entry = state_.find(framework))
    for (auto& [role, client] : entry->clients)
      if (roles.empty() || contains(roles, role))
        found.push_back(client);
  return found;
}

void allocation_planner::update_competing(client_number number) {
  auto& client = state_.clients.at(number);
  auto competing = client.subscribed && !client.suppressed
                   && state_.find(client.framework)->connected;
  if (competing == state_.sorter.is_competing(number))
    return;
  state_.sorter.set_competing(number, competing);
  if (competing)
    state_.changed_clients.insert(number);
  else
    state_.changed_clients.erase(number);
}

void allocation_planner::forget_refusals(client_number number) {
  state_.filters.clear_client(number);
  ++state_.clients.at(number).revivals;
  if (state_.sorter.is_competing(number))
    state_.changed_clients.insert(number);
}

void allocation_planner::drop_if_unused(client_number number) {
  auto found = state_.clients.find(number);
  if (found == state_.clients.end() || found->second.subscribed
      || !found->second.agents.empty())
    return;
  auto framework = state_.frameworks.find(found->second.framework);
  framework->second.clients.erase(found->second.role);
  if (framework->second.clients.empty() && !framework->second.known)
    state_.frameworks.erase(framework);
  state_.filters.clear_client(number);
  state_.sorter.remove(number);
  state_.changed_clients.erase(number);
  state_.clients.erase(found);
}

void allocation_planner::account_changed(allocator_agent& agent,
                                         client_number number) {
  auto& client = state_.clients.at(number);
  if (agent.account.holdings().count(number) != 0) {
    client.agents.insert(agent.number);
  } else if (client.agents.erase(agent.number) != 0) {
    drop_if_unused(number);
  }
  update_offerable(agent);
}

void allocation_planner::update_offerable(allocator_agent& agent) {
  if (agent.account.offerable())
    state_.offerable.emplace(agent.number, &agent);
  else
    state_.offerable.erase(agent.number);
}

void allocation_planner::check_all(allocator_agent& agent) {
  agent.check_all = true;
  state_.changed_agents.insert(agent.number);
}

void allocation_planner::check(decline_filters::pair where) {
  state_.agents.at(where.agent).check.push_back(where.client);
  state_.changed_agents.insert(where.agent);
}

void allocation_planner::note_pass(allocator_agent& agent,
                                   client_number number) {
  agent.passed[number] = state_.clients.at(number).revivals;
  if (agent.passed.size() > state_.clients.size())
    std::erase_if(agent.passed, [this](auto& pass) {
      return state_.clients.count(pass.first) == 0;
    });
}

// -- reports ------------------------------------------------------------------

share_report allocation_planner::shares() const {
  auto entry = [&](std::string name, const share_sorter::standing& standing) {
    // What is used on agents that are away is not in the total.
    return share_report::share{std::move(name),
                               std::min(standing.share.to_double(), 1.0),
                               state_.names.bundle_of(standing.allocated)};
  };
  share_report report;
  for (auto& role : state_.sorter.roles())
    report.roles.push_back(entry(role, state_.sorter.of_role(role)));
  for (auto& [id, framework] : state_.frameworks) {
    std::vector<client_number> clients;
    for (auto& [role, client] : framework.clients)
      clients.push_back(client);
    report.frameworks.push_back(
      entry(id.text(), state_.sorter.of_framework(clients)));
  }
  std::sort(report.frameworks.begin(), report.frameworks.end(),
            [](auto& lhs, auto& rhs) {
              return lhs.name < rhs.name;
            });
  return report;
}

} // namespace agora
