// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/leader_checker.hpp"

#include "actors/allocator/allocator_actor.hpp"
#include "runtime/resources/resources_text.hpp"

#include <caf/actor_cast.hpp>

#include <type_traits>
#include <utility>

namespace agora::simulation {

namespace {

/// Entries between two comparisons of whole states, which walk everything.
constexpr uint64_t digest_interval = 64;

/// The actor behind a handle. All runs on one thread, so it may be looked at
/// whenever no message is being handled.
template <class Pointer, class Handle>
Pointer look_into(const Handle& handle) {
  return dynamic_cast<Pointer>(caf::actor_cast<caf::abstract_actor*>(handle));
}

/// What is offered, and what is used, by the allocator's account.
std::pair<resources, resources> sums_of(const agent_account& account) {
  std::pair<resources, resources> sums;
  for (auto& [client, held] : account.holdings()) {
    sums.first += held.offered;
    sums.second += held.used;
  }
  return sums;
}

} // namespace

leader_checker::leader_checker(world& sim, tested_cluster& cluster)
  : sim_(sim), cluster_(cluster) {
  // nop
}

void leader_checker::violated(const std::string& text) {
  sim_.violated("leader: " + text);
}

const master_machine* leader_checker::machine() const {
  return cluster_.leader();
}

const allocation_planner* leader_checker::planner() const {
  using pointer = allocator_actor::stateful_pointer<allocator_state>;
  auto* leading = cluster_.leadership();
  if (leading == nullptr)
    return nullptr;
  auto* actor = look_into<pointer>(leading->allocator);
  return actor == nullptr ? nullptr : &actor->state.planner;
}

void leader_checker::check() {
  auto* master = cluster_.leading_master();
  // With messages on the way, the allocator may know less than the master.
  if (master == nullptr || sim_.stopped(master->process) || sim_.has_stalled())
    return;
  std::pair handled{master->process, sim_.steps_of(master->process)};
  if (handled == looked_at_)
    return;
  looked_at_ = handled;
  auto* leader = machine();
  auto* books = planner();
  if (leader == nullptr || books == nullptr)
    return;
  auto& context = leader->context();
  if (context.applied_index >= digested_at_ + digest_interval)
    check_digest(*leader);
  check_agents(*leader, *books);
  if (leader->in_flight() == 0)
    check_presence(*leader);
}

void leader_checker::check_all() {
  looked_at_ = {};
  check();
  if (auto* leader = machine())
    check_digest(*leader);
}

void leader_checker::check_digest(const master_machine& leader) {
  auto& log = cluster_.log();
  auto index = leader.context().applied_index;
  if (index == 0 || index != log.index())
    return;
  digested_at_ = index;
  if (leader.state().digest() != log.state().digest())
    violated("its state at entry " + std::to_string(index)
             + " is not what the log says");
  for (auto& wrong : leader.state().check_invariants())
    violated(wrong);
}

void leader_checker::check_agents(const master_machine& leader,
                                  const allocation_planner& planner) {
  size_t attached = 0;
  for (auto& [number, agent] : planner.state().agents) {
    if (!agent.account.attached())
      continue;
    ++attached;
    check_agent(leader, agent);
  }
  if (attached != leader.context().agents.attached_count())
    violated(std::to_string(leader.context().agents.attached_count())
             + " agents are attached, and the allocator knows "
             + std::to_string(attached));
}

void leader_checker::check_agent(const master_machine& leader,
                                 const allocator_agent& agent) {
  auto& context = leader.context();
  auto name = "agent " + agent.id.text();
  auto* record = leader.state().find_agent(agent.id);
  if (record == nullptr || !context.agents.attached(agent.id))
    return violated(name + " is offerable, and not attached");
  auto [offered, used] = sums_of(agent.account);
  if (used != record->used)
    violated(name + ": the allocator counts " + to_string(used)
             + " as used, the state " + to_string(record->used));
  auto held = context.offers.offered_of(agent.id);
  if (!offered.contains(held))
    violated(name + ": " + to_string(held) + " is in offers, and only "
             + to_string(offered) + " counts as offered");
  auto pending = context.overlay.pending({}, agent.id).amount;
  held += pending;
  pending += record->used;
  if (!record->total.contains(pending))
    violated(name + " has " + to_string(record->total)
             + ", and what its tasks use and what is being launched make "
             + to_string(pending));
  // Launches of a framework that has ended meanwhile are not offered any more.
  if (!held.contains(offered))
    violated(name + ": " + to_string(offered) + " counts as offered, and only "
             + to_string(held) + " is in offers or being launched");
  if (leader.in_flight() == 0 && held != offered)
    violated(name + ": " + to_string(held) + " is in offers, and "
             + to_string(offered) + " counts as offered");
  auto sum = agent.account.free();
  sum += offered;
  sum += used;
  if (sum != record->total)
    violated(name + ": free, offered and used make " + to_string(sum) + " of "
             + to_string(record->total));
}

void leader_checker::check_presence(const master_machine& leader) {
  auto& context = leader.context();
  if (!context.overlay.empty())
    violated("nothing is proposed, and launches count as under way");
  leader.state().for_each_agent([&](const agent_record& agent) {
    auto there = context.agents.attached(agent.id);
    if (there && !agent.attached())
      violated("agent " + agent.id.text() + " is there, and not by the log");
    if (!there && agent.counted() && !context.agents.awaited.contains(agent.id))
      violated("agent " + agent.id.text() + " is away, and not waited for");
    return true;
  });
  leader.state().for_each_framework([&](const framework_record& framework) {
    for (auto& [id, task] : framework.tasks)
      if (context.overlay.contains(task.key()))
        violated("task " + to_string(task.key())
                 + " is in the log, and counts as being launched");
    auto there = context.frameworks.connected(framework.id);
    if (there && !framework.connected())
      violated("framework " + framework.id.text()
               + " is there, and not by the log");
    if (!there && !framework.has_ended()
        && !context.frameworks.awaited.contains(framework.id))
      violated("framework " + framework.id.text()
               + " is away, and not waited for");
    return true;
  });
  if (context.agents.orphan_count() > 0)
    violated("an agent has a task that the log lost");
}

} // namespace agora::simulation
