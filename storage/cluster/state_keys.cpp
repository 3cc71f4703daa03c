// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/cluster/state_keys.hpp"

namespace agora::state_keys {

std::string of_agent(const agent_id& id) {
  return std::string{agents} + id.text();
}

std::string of_framework(const framework_id& id) {
  return std::string{frameworks} + id.text();
}

std::string tasks_of(const framework_id& id) {
  return std::string{tasks} + id.text() + "/";
}

std::string of_task(const framework_id& framework, std::string_view task) {
  auto key = tasks_of(framework);
  key += task;
  return key;
}

std::string of_executor(const agent_id& agent, const executor_key& key) {
  return std::string{executors} + agent.text() + "/" + key.framework.text()
         + "/" + key.executor.text();
}

std::string of_ended_task(uint64_t end_number) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string key{ended_tasks};
  for (int shift = 60; shift >= 0; shift -= 4)
    key += digits[(end_number >> shift) & 0xf];
  return key;
}

} // namespace agora::state_keys
