// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/check.hpp"
#include "storage/cluster/cluster_applier.hpp"
#include "storage/cluster/record_codec.hpp"
#include "storage/cluster/record_links.hpp"
#include "storage/cluster/state_keys.hpp"

#include <set>

// What frameworks' entries do.
//
//   (new) -> CONNECTED <-> DISCONNECTED, and from both: ENDED

namespace agora {

framework_record& cluster_applier::framework(const v1::FrameworkID& id) {
  auto found = state_.frameworks_.find(id_of<framework_id>(id));
  AGORA_CHECK(found != state_.frameworks_.end());
  return found->second;
}

framework_record& cluster_applier::create_framework() {
  auto number = std::to_string(state_.next_framework_++);
  if (number.size() < 4)
    number.insert(0, 4 - number.size(), '0');
  auto id = framework_id{state_.cluster_id_.substr(0, 8) + "-" + number};
  auto& created = state_.frameworks_[id];
  created.id = id;
  created.subscribed_ns = out_.time_ns;
  return created;
}

status cluster_applier::on(const cluster::FrameworkSubscribed& what) {
  if (auto err = can_subscribe(state_, what.info()))
    return err;
  auto info = what.info();
  auto is_new = info.id().value().empty();
  auto& which = is_new ? create_framework() : framework(info.id());
  info.mutable_id()->set_value(which.id.text());
  // As in the field, a scheduler that comes back with another value keeps the
  // first.
  if (!is_new && info.checkpoint() != which.info.checkpoint())
    info.set_checkpoint(which.info.checkpoint());
  out_.subscribed = framework_subscription{
    .framework = which.id,
    .incarnation = which.incarnation + 1,
    .created = is_new,
    .updated = !is_new && stable_bytes(info) != stable_bytes(which.info),
  };
  ++which.incarnation;
  which.partition_aware = is_partition_aware(info);
  which.info.Swap(&info);
  which.state = cluster::FRAMEWORK_CONNECTED;
  which.state_since_ns = out_.time_ns;
  store(which);
  return {};
}

status cluster_applier::on(const cluster::FrameworkDisconnected& what) {
  auto id = id_of<framework_id>(what.framework_id());
  if (auto err = can_disconnect(state_, id, what.incarnation()))
    return err;
  auto& which = framework(what.framework_id());
  which.state = cluster::FRAMEWORK_DISCONNECTED;
  which.state_since_ns = out_.time_ns;
  out_.disconnected = id;
  store(which);
  return {};
}

status cluster_applier::on(const cluster::FrameworkUpdated& what) {
  if (auto err = can_update(state_, what.info()))
    return err;
  auto& which = framework(what.info().id());
  out_.subscribed = framework_subscription{
    .framework = which.id,
    .incarnation = which.incarnation,
    .created = false,
    .updated = stable_bytes(what.info()) != stable_bytes(which.info),
  };
  which.info = what.info();
  which.partition_aware = is_partition_aware(which.info);
  store(which);
  return {};
}

status cluster_applier::on(const cluster::FrameworkEnded& what) {
  std::optional<uint64_t> only_if;
  if (what.has_disconnected_incarnation())
    only_if = what.disconnected_incarnation();
  auto id = id_of<framework_id>(what.framework_id());
  if (auto err = can_end_framework(state_, id, only_if))
    return err;
  auto& which = framework(what.framework_id());
  std::set<agent_id> places;
  for (auto& [task_name, task] : which.tasks)
    places.insert(task.agent->id);
  for (auto& [key, executor] : which.executors)
    places.insert(key.first);
  out_.ended = framework_end{id, what.reason(), {places.begin(), places.end()}};
  end_tasks(which, what.reason());
  end_executors(which);
  which.end_reason = what.reason();
  remember_end(which);
  return {};
}

void cluster_applier::end_tasks(framework_record& which,
                                const std::string& reason) {
  auto message = "framework " + which.id.text() + " has ended: " + reason;
  // Most of a large framework's tasks would be forgotten at once. They are
  // never written, and all records are removed as ranges: the changes of one
  // entry have to fit into one batch.
  auto passing = passing_of(which.tasks.size());
  auto form = passing > 0 ? stored_form::erased : stored_form::there;
  if (form == stored_form::erased) {
    changes_.erase_prefix(state_keys::tasks_of(which.id));
    changes_.erase_prefix(state_keys::task_states_of(which.id));
    changes_.erase_prefix(state_keys::groups_of(which.id));
  }
  while (!which.tasks.empty()) {
    auto& task = which.tasks.begin()->second;
    if (!task.terminal())
      change_state(task, made_status(v1::TASK_KILLED,
                                     v1::TaskStatus::REASON_FRAMEWORK_REMOVED,
                                     message));
    archive(task, passing == 0, form);
    if (passing > 0)
      --passing;
  }
}

void cluster_applier::end_executors(framework_record& which) {
  auto many = which.executors.size() > state_.limits_.executors;
  if (many)
    changes_.erase_prefix(state_keys::executors_of(which.id));
  while (!which.executors.empty())
    end_executor(*which.executors.begin()->second,
                 many ? stored_form::erased : stored_form::there);
}

} // namespace agora
