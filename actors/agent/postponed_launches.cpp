// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/postponed_launches.hpp"

#include "runtime/base/check.hpp"

#include <utility>

namespace agora {

namespace {

task_key key_of(const postponed_launch& held, const v1::TaskInfo& task) {
  return {id_of<framework_id>(held.framework.id()),
          id_of<task_id>(task.task_id())};
}

} // namespace

postponed_launch* postponed_launches::find(const task_key& key) {
  auto found = by_task_.find(key);
  return found == by_task_.end() ? nullptr : found->second.get();
}

void postponed_launches::add(postponed_launch what) {
  auto held = std::make_shared<postponed_launch>(std::move(what));
  for (auto& task : held->launch.tasks())
    by_task_[key_of(*held, task)] = held;
}

postponed_launch postponed_launches::take(const task_key& key) {
  auto found = by_task_.find(key);
  AGORA_CHECK(found != by_task_.end());
  auto held = found->second;
  for (auto& task : held->launch.tasks())
    by_task_.erase(key_of(*held, task));
  return std::move(*held);
}

void postponed_launches::drop_framework(const framework_id& id) {
  auto at = by_task_.lower_bound(task_key{id, task_id{}});
  while (at != by_task_.end() && at->first.framework == id)
    at = by_task_.erase(at);
}

bool may_be_same(const launch_id& left, const launch_id& right) {
  return left == right || left.empty() || right.empty();
}

} // namespace agora
