// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/cluster/record_links.hpp"

#include "runtime/base/check.hpp"

#include <algorithm>
#include <tuple>

namespace agora {

namespace {

bool key_less(const task_record* lhs, const task_record* rhs) {
  if (lhs->framework != rhs->framework)
    return lhs->framework->id < rhs->framework->id;
  return *lhs->id < *rhs->id;
}

/// Where the usage of this framework and role stands, or would stand.
auto usage_position(std::vector<agent_usage>& usage, const framework_id& id,
                    const std::string& role) {
  return std::lower_bound(usage.begin(), usage.end(), std::tie(id, role),
                          [](const agent_usage& item, const auto& key) {
                            return std::tie(item.framework, item.role) < key;
                          });
}

} // namespace

bool is_partition_aware(const v1::FrameworkInfo& info) {
  auto& all = info.capabilities();
  return std::any_of(all.begin(), all.end(), [](auto& capability) {
    return capability.type() == v1::FrameworkInfo::Capability::PARTITION_AWARE;
  });
}

status add_usage(agent_record& agent, const framework_id& framework,
                 const std::string& role, const resources& amount) {
  if (amount.empty())
    return {};
  if (auto err = agent.used.add(amount))
    return err;
  auto position = usage_position(agent.usage, framework, role);
  if (position == agent.usage.end() || position->framework != framework
      || position->role != role)
    position = agent.usage.insert(position, agent_usage{framework, role, {}});
  // A part of what was just added without an error to the sum of all.
  position->amount += amount;
  return {};
}

void remove_usage(agent_record& agent, const framework_id& framework,
                  const std::string& role, const resources& amount) {
  if (amount.empty())
    return;
  agent.used -= amount;
  auto position = usage_position(agent.usage, framework, role);
  AGORA_CHECK(position != agent.usage.end() && position->framework == framework
              && position->role == role);
  position->amount -= amount;
  if (position->amount.empty())
    agent.usage.erase(position);
}

result<resources> held_by(const agent_record& agent) {
  resources sum;
  for (auto* task : agent.tasks)
    if (!task->terminal())
      if (auto err = sum.add(task->amount))
        return err;
  for (auto& [key, executor] : agent.executors)
    if (auto err = sum.add(executor.amount))
      return err;
  return sum;
}

void link_task(task_record& task) {
  auto& all = task.agent->tasks;
  all.insert(std::lower_bound(all.begin(), all.end(), &task, key_less), &task);
}

void unlink_task(task_record& task) {
  auto& all = task.agent->tasks;
  all.erase(std::lower_bound(all.begin(), all.end(), &task, key_less));
}

} // namespace agora
