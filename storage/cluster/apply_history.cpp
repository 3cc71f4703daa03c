// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/cluster/cluster_applier.hpp"
#include "storage/cluster/record_codec.hpp"
#include "storage/cluster/record_links.hpp"
#include "storage/cluster/state_keys.hpp"

// What is remembered of things that have ended, and how it is forgotten: by
// count, the oldest first, on every replica at the same entry.

namespace agora {

size_t cluster_applier::passing_of(size_t ending) const {
  auto limit = state_.limits_.ended_tasks;
  return ending > limit ? ending - limit : 0;
}

void cluster_applier::archive(task_record& task, bool lasts, stored_form form) {
  auto number = state_.next_end_++;
  auto key = task.key();
  if (!lasts) {
    out_.evicted_tasks.push_back(std::move(key));
    drop(task, form);
    return;
  }
  auto ended = ended_to_stored(task, number, state_.limits_.ended_task_bytes);
  drop(task, form);
  changes_.put(state_keys::of_ended_task(number), stable_bytes(ended));
  state_.newest_end_[key] = number;
  state_.ended_tasks_.emplace(number, std::move(ended));
  while (state_.ended_tasks_.size() > state_.limits_.ended_tasks) {
    auto oldest = state_.ended_tasks_.begin();
    auto forgotten = task_key{framework_id{oldest->second.framework_id()},
                              task_id{oldest->second.task_id()}};
    auto newest = state_.newest_end_.find(forgotten);
    if (newest->second == oldest->first)
      state_.newest_end_.erase(newest);
    changes_.erase(state_keys::of_ended_task(oldest->first));
    state_.ended_tasks_.erase(oldest);
    out_.evicted_tasks.push_back(std::move(forgotten));
  }
}

void cluster_applier::drop(task_record& task, stored_form form) {
  auto& owner = *task.framework;
  auto last_of_group = task.group && --task.group->members == 0;
  if (form == stored_form::there) {
    changes_.erase(state_keys::of_task(owner.id, *task.id));
    changes_.erase(state_keys::of_task_state(owner.id, *task.id));
    if (last_of_group)
      changes_.erase(state_keys::of_group(owner.id, task.group->number));
  }
  for (auto* counts : {&state_.counts_, &owner.counts, &task.agent->counts})
    counts->remove(task.state);
  unlink_task(task);
  owner.tasks.erase(owner.tasks.find(*task.id));
}

void cluster_applier::remember_end(framework_record& which) {
  which.state = cluster::FRAMEWORK_ENDED;
  which.state_since_ns = out_.time_ns;
  which.end_number = state_.next_end_++;
  state_.ended_frameworks_.emplace(which.end_number, &which);
  store(which);
  while (state_.ended_frameworks_.size() > state_.limits_.ended_frameworks) {
    auto oldest = state_.ended_frameworks_.begin();
    auto forgotten = oldest->second->id;
    changes_.erase(state_keys::of_framework(forgotten));
    state_.ended_frameworks_.erase(oldest);
    state_.frameworks_.erase(forgotten);
    out_.evicted_frameworks.push_back(std::move(forgotten));
  }
}

} // namespace agora
