// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/executor_table.hpp"

#include "runtime/base/check.hpp"

#include <algorithm>
#include <utility>

namespace agora {

size_t held_executor::attach_bytes() const {
  // The lengths of its entry's parts.
  constexpr size_t entry_bytes = 32;
  return entry_bytes + key.framework.text().size() + key.executor.text().size();
}

checkpoint::ExecutorCheckpoint held_executor::to_checkpoint() const {
  checkpoint::ExecutorCheckpoint record;
  record.set_framework_id(key.framework.text());
  *record.mutable_info() = info;
  record.set_container_id(container.text());
  record.set_sandbox(sandbox.string());
  if (shutdown_requested_ns != 0)
    record.set_shutdown_requested_ns(shutdown_requested_ns);
  return record;
}

held_executor* executor_table::find(const executor_key& key) {
  auto found = executors_.find(key);
  return found == executors_.end() ? nullptr : &found->second;
}

const held_executor* executor_table::find(const executor_key& key) const {
  auto found = executors_.find(key);
  return found == executors_.end() ? nullptr : &found->second;
}

held_executor* executor_table::by_session(session_number session) {
  for (auto& [key, executor] : executors_)
    if (session != 0 && executor.session == session)
      return &executor;
  return nullptr;
}

held_executor* executor_table::by_container(const container_id& container) {
  for (auto& [key, executor] : executors_)
    if (!container.empty() && executor.container == container)
      return &executor;
  return nullptr;
}

held_executor& executor_table::insert(held_executor executor) {
  auto key = executor.key;
  auto [place, is_new]
    = executors_.emplace(std::move(key), std::move(executor));
  AGORA_CHECK(is_new);
  attach_bytes_ += place->second.attach_bytes();
  return place->second;
}

void executor_table::erase(const executor_key& key) {
  auto found = executors_.find(key);
  if (found == executors_.end())
    return;
  attach_bytes_ -= found->second.attach_bytes();
  executors_.erase(found);
}

std::vector<executor_key>
executor_table::of_framework(const framework_id& id) const {
  std::vector<executor_key> found;
  auto at = executors_.lower_bound(executor_key{id, executor_id{}});
  for (; at != executors_.end() && at->first.framework == id; ++at)
    found.push_back(at->first);
  return found;
}

std::vector<executor_key> executor_table::due(time_point now) const {
  std::vector<executor_key> found;
  for (auto& [key, executor] : executors_)
    if (executor.deadline && *executor.deadline <= now)
      found.push_back(key);
  return found;
}

std::optional<executor_table::time_point>
executor_table::next_deadline() const {
  std::optional<time_point> earliest;
  for (auto& [key, executor] : executors_)
    if (executor.deadline && (!earliest || *executor.deadline < *earliest))
      earliest = executor.deadline;
  return earliest;
}

size_t executor_table::processes() const {
  return static_cast<size_t>(
    std::count_if(executors_.begin(), executors_.end(), [](auto& kv) {
      return kv.second.kind == executor_kind::custom;
    }));
}

} // namespace agora
