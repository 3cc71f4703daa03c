// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/task_table.hpp"

#include "runtime/base/check.hpp"
#include "runtime/validation/task_states.hpp"

#include <algorithm>
#include <utility>

namespace agora {

namespace {

/// What a task's entry has besides its ids: state, source, reason, time, uuid,
/// launch id, and the lengths of it all.
constexpr size_t entry_bytes = 224;

} // namespace

bool held_task::ended() const {
  return latest.has_state() && is_terminal(latest.state());
}

size_t held_task::attach_bytes() const {
  auto executor_bytes = executor.executor.text().size();
  // Its status names the executor once more; a command's is named after it.
  return entry_bytes + key.framework.text().size() + key.task.text().size()
         + executor_bytes + std::max(executor_bytes, key.task.text().size());
}

checkpoint::TaskCheckpoint held_task::to_checkpoint() const {
  checkpoint::TaskCheckpoint record;
  record.set_framework_id(key.framework.text());
  *record.mutable_info() = info;
  if (!executor.executor.empty())
    record.set_executor_id(executor.executor.text());
  record.set_container_id(container.text());
  record.set_sandbox(sandbox.string());
  if (kill_requested_ns != 0) {
    record.set_kill_requested_ns(kill_requested_ns);
    record.set_kill_grace_ns(kill_grace_ns);
  }
  if (group != 0)
    record.set_group(group);
  if (!launch.empty())
    set_wire(record.mutable_launch_id(), launch);
  return record;
}

held_task held_task::from_checkpoint(checkpoint::TaskCheckpoint record) {
  held_task task;
  framework_id framework{record.framework_id()};
  task.key = {framework, id_of<task_id>(record.info().task_id())};
  task.executor = {framework, executor_id{record.executor_id()}};
  task.container = container_id{record.container_id()};
  task.sandbox = record.sandbox();
  task.group = record.group();
  task.launch = launch_id_of(record.launch_id());
  task.stored = true;
  task.kill_requested_ns = record.kill_requested_ns();
  task.kill_grace_ns = record.kill_grace_ns();
  task.info = std::move(*record.mutable_info());
  task.latest.set_state(v1::TASK_STAGING);
  task.phase = task_phase::waiting;
  return task;
}

held_task* task_table::find(const task_key& key) {
  auto found = tasks_.find(key);
  return found == tasks_.end() ? nullptr : &found->second;
}

const held_task* task_table::find(const task_key& key) const {
  auto found = tasks_.find(key);
  return found == tasks_.end() ? nullptr : &found->second;
}

held_task& task_table::insert(held_task task) {
  auto key = task.key;
  by_executor_[task.executor].insert(key);
  attach_bytes_ += task.attach_bytes();
  auto [place, is_new] = tasks_.emplace(std::move(key), std::move(task));
  AGORA_CHECK(is_new);
  return place->second;
}

void task_table::erase(const task_key& key) {
  auto found = tasks_.find(key);
  if (found == tasks_.end())
    return;
  auto index = by_executor_.find(found->second.executor);
  AGORA_CHECK(index != by_executor_.end());
  index->second.erase(key);
  attach_bytes_ -= found->second.attach_bytes();
  if (index->second.empty())
    by_executor_.erase(index);
  tasks_.erase(found);
}

std::vector<held_task*> task_table::of_executor(const executor_key& key) {
  std::vector<held_task*> found;
  auto index = by_executor_.find(key);
  if (index != by_executor_.end())
    for (auto& task : index->second)
      found.push_back(&tasks_.at(task));
  return found;
}

bool task_table::has_executor(const executor_key& key) const {
  return by_executor_.contains(key);
}

bool task_table::has_framework(const framework_id& id) const {
  auto first = by_executor_.lower_bound(executor_key{id, executor_id{}});
  return first != by_executor_.end() && first->first.framework == id;
}

} // namespace agora
