// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/settling.hpp"

#include "actors/agent/checkpoint/checkpoint_keys.hpp"
#include "actors/master/stored_state.hpp"
#include "runtime/resources/resources_text.hpp"
#include "storage/log/log_storage.hpp"

#include <algorithm>

namespace agora::simulation {

namespace {

constexpr const char* log_name = "cluster";

/// Without any fault, a framework that wants offers gets one within this, if
/// only because all tasks end and all offers run out.
constexpr std::chrono::seconds offer_bound{40};

/// Whether the task is on an agent that will never be back: its machine was
/// wiped, or another agent took its place.
bool is_beyond_reach(const cluster_state& state, const task_story& story) {
  auto* agent = state.find_agent(story.agent);
  return story.state == v1::TASK_UNREACHABLE
         && (agent == nullptr || agent->state == cluster::AGENT_UNREACHABLE);
}

std::string unsettled_agent(simulated_agent& agent) {
  if (agent.host->running() > 0)
    return agent.name + " runs " + agent.host->describe_running();
  if (agent.is_clone)
    return {};
  if (!agent.disk->idle())
    return agent.name + " writes to its disk";
  auto identity = checkpoint_keys{"agent/"}.identity();
  std::string left;
  static_cast<void>(agent.disk->scan("agent/", {}, [&](auto key, auto) {
    if (key == identity)
      return visit::more;
    left = std::string{key};
    return visit::stop;
  }));
  if (!left.empty())
    return agent.name + " still has the record " + left;
  if (agent.host->records() > 0)
    return agent.name + " has records of processes that are over";
  return {};
}

std::string unsettled_log(tested_cluster& cluster) {
  auto& log = cluster.log();
  for (auto& [key, story] : log.stories()) {
    if (log.has_ended(key.framework) || is_beyond_reach(log.state(), story))
      continue;
    if (!story.ended)
      return "task " + to_string(key) + " is "
             + v1::TaskState_Name(story.state);
    if (!story.uuid.empty() && !story.acknowledged)
      return "the end of task " + to_string(key) + " is not acknowledged";
  }
  std::string reserved;
  log.state().for_each_agent([&](const agent_record& agent) {
    if (!agent.used.empty())
      reserved = "agent " + agent.id.text() + " has " + to_string(agent.used)
                 + " in use";
    return reserved.empty();
  });
  return reserved;
}

std::string unsettled_leader(tested_cluster& cluster,
                             const master_machine& leader) {
  auto& context = leader.context();
  if (leader.in_flight() > 0 || !context.overlay.empty())
    return "the leader has proposals under way";
  if (context.offers.size() > 0)
    return std::to_string(context.offers.size()) + " offers are outstanding";
  auto expected = static_cast<size_t>(std::count_if(
    cluster.agents().begin(), cluster.agents().end(), [](auto& agent) {
      return !agent->is_clone;
    }));
  if (context.agents.attached_count() != expected)
    return std::to_string(context.agents.attached_count())
           + " agents are attached, of " + std::to_string(expected);
  return {};
}

std::string wrong_task(const framework_ledger& ledger, const task_key& key,
                       const task_story& story) {
  auto found = ledger.tasks().find(key.task);
  if (found == ledger.tasks().end())
    return "task " + to_string(key) + " was never launched by its framework";
  auto& known = found->second;
  if (!story.ended)
    return {};
  if (!known.terminal)
    return "task " + to_string(key) + " ended as "
           + v1::TaskState_Name(story.state)
           + ", which its framework never heard";
  if (known.state != story.state)
    return "task " + to_string(key) + " ended as "
           + v1::TaskState_Name(story.state) + ", and its framework heard "
           + v1::TaskState_Name(known.state);
  return {};
}

std::string unsettled_master(tested_cluster& cluster,
                             const simulated_master& master) {
  if (!master.disk->idle())
    return master.name + " writes to its disk";
  log_storage stored{master.disk, log_name};
  auto index = stored.applied_index(*master.disk);
  if (!index)
    return master.name + " has no state: " + describe(index.error());
  if (*index != cluster.log().index())
    return master.name + " has applied " + std::to_string(*index)
           + " entries, of " + std::to_string(cluster.log().index());
  return {};
}

std::string wrong_state(tested_cluster& cluster,
                        const simulated_master& master) {
  auto loaded = load_stored_state(log_storage{master.disk, log_name}, {});
  if (!loaded)
    return "the state that " + master.name
           + " has stored cannot be loaded: " + describe(loaded.error());
  if (loaded->digest() != cluster.log().state().digest())
    return "the state that " + master.name
           + " has stored is not what the log says";
  return {};
}

std::string wrong_digest(tested_cluster& cluster,
                         const master_machine& leader) {
  if (leader.state().digest() != cluster.log().state().digest())
    return "the leader's state is not what the log says";
  for (auto& master : cluster.masters())
    if (auto text = wrong_state(cluster, *master); !text.empty())
      return text;
  return {};
}

} // namespace

std::string unsettled(tested_cluster& cluster, const leader_checker& leader) {
  for (auto& framework : cluster.frameworks()) {
    auto& ledger = *framework->ledger;
    // The newest subscription wins, and the older scheduler is told.
    if (framework->lives.size() > 1)
      return ledger.character().name + " has "
             + std::to_string(framework->lives.size()) + " schedulers";
    if (!ledger.done())
      return ledger.character().name + " has finished "
             + std::to_string(ledger.finished()) + " of "
             + std::to_string(ledger.character().goal) + " tasks, and "
             + std::to_string(ledger.live()) + " are under way";
  }
  for (auto& agent : cluster.agents())
    if (auto text = unsettled_agent(*agent); !text.empty())
      return text;
  if (auto text = unsettled_log(cluster); !text.empty())
    return text;
  auto* machine = leader.machine();
  if (machine == nullptr)
    return "there is no leader";
  if (auto text = unsettled_leader(cluster, *machine); !text.empty())
    return text;
  for (auto& master : cluster.masters())
    if (auto text = unsettled_master(cluster, *master); !text.empty())
      return text;
  return {};
}

std::string starved(const world& sim, tested_cluster& cluster,
                    world::time_point healthy_since) {
  for (auto& framework : cluster.frameworks()) {
    auto since = framework->ledger->hungry_since();
    if (since && sim.now() - std::max(*since, healthy_since) > offer_bound)
      return framework->ledger->character().name
             + " wants offers, and has got none for "
             + std::to_string(offer_bound.count()) + " s";
  }
  return {};
}

std::string wrong_at_end(tested_cluster& cluster,
                         const leader_checker& leader) {
  auto& log = cluster.log();
  for (auto& framework : cluster.frameworks()) {
    auto& ledger = *framework->ledger;
    for (auto& [key, story] : log.stories())
      if (key.framework == ledger.id() && !log.has_ended(key.framework))
        if (auto text = wrong_task(ledger, key, story); !text.empty())
          return text;
  }
  return wrong_digest(cluster, *leader.machine());
}

} // namespace agora::simulation
