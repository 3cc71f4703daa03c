// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/cluster/state_keys.hpp"

namespace agora::state_keys {

namespace {

std::string within(std::string_view space, const framework_id& id) {
  std::string key;
  key.reserve(space.size() + id.text().size() + 1);
  key += space;
  key += id.text();
  key += '/';
  return key;
}

/// 16 digits, so that keys are in the order of numbers.
void append_hex(std::string& key, uint64_t number) {
  static constexpr char digits[] = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4)
    key += digits[(number >> shift) & 0xf];
}

} // namespace

std::string of_agent(const agent_id& id) {
  return std::string{agents} + id.text();
}

std::string of_framework(const framework_id& id) {
  return std::string{frameworks} + id.text();
}

std::string tasks_of(const framework_id& id) {
  return within(tasks, id);
}

std::string task_states_of(const framework_id& id) {
  return within(task_states, id);
}

std::string groups_of(const framework_id& id) {
  return within(groups, id);
}

std::string executors_of(const framework_id& id) {
  return within(executors, id);
}

std::string of_task(const framework_id& framework, std::string_view task) {
  return tasks_of(framework).append(task);
}

std::string of_task_state(const framework_id& framework,
                          std::string_view task) {
  return task_states_of(framework).append(task);
}

std::string of_group(const framework_id& framework, uint64_t number) {
  auto key = groups_of(framework);
  append_hex(key, number);
  return key;
}

std::string of_executor(const agent_id& agent, const executor_key& key) {
  return executors_of(key.framework) + agent.text() + "/" + key.executor.text();
}

std::string of_ended_task(uint64_t end_number) {
  std::string key{ended_tasks};
  append_hex(key, end_number);
  return key;
}

} // namespace agora::state_keys
