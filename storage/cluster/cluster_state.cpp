// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/cluster/cluster_state.hpp"

#include "storage/cluster/cluster_applier.hpp"
#include "storage/cluster/record_codec.hpp"
#include "storage/cluster/state_keys.hpp"

#include <algorithm>
#include <iterator>

namespace agora {

namespace {

/// Takes bytes in, one after the other: FNV-1a, which every machine computes
/// alike. It finds accidents, not attacks.
class digester {
public:
  void take(std::string_view bytes) {
    take_number(bytes.size());
    for (unsigned char c : bytes)
      take_byte(c);
  }

  uint64_t value() const {
    return hash_;
  }

private:
  void take_number(uint64_t number) {
    for (int i = 0; i < 8; ++i, number >>= 8)
      take_byte(static_cast<unsigned char>(number & 0xff));
  }

  void take_byte(unsigned char c) {
    hash_ = (hash_ ^ c) * 0x100000001b3;
  }

  uint64_t hash_ = 0xcbf29ce484222325;
};

} // namespace

cluster_state::cluster_state(cluster_limits limits)
  : limits_(limits), strings_(std::make_unique<string_pool>()) {
  // nop
}

cluster_state::~cluster_state() = default;

cluster_state::cluster_state(cluster_state&&) noexcept = default;

cluster_state& cluster_state::operator=(cluster_state&& other) noexcept {
  if (this == &other)
    return *this;
  // Member by member, the pool would go before the handles into it.
  std::destroy_at(this);
  return *std::construct_at(this, std::move(other));
}

result<applied_entry> cluster_state::apply(const log_entry& entry,
                                           write_batch& changes) {
  cluster::Entry parsed;
  return apply(entry, parsed, changes);
}

result<applied_entry> cluster_state::apply(const log_entry& entry,
                                           cluster::Entry& parsed,
                                           write_batch& changes) {
  auto where = [&] {
    return "entry " + std::to_string(entry.index) + " of the cluster's log";
  };
  if (!parsed.ParseFromString(entry.payload))
    return fail(errc::malformed_message, where() + " cannot be parsed");
  if (parsed.version() > cluster_version)
    return fail(errc::version_mismatch,
                where() + " has version " + std::to_string(parsed.version())
                  + ", this program knows up to "
                  + std::to_string(cluster_version) + ": update it");
  if (parsed.version() != 0 && parsed.version() < oldest_cluster_version)
    return fail(errc::version_mismatch,
                where() + " has version " + std::to_string(parsed.version())
                  + ", this program knows versions from "
                  + std::to_string(oldest_cluster_version)
                  + " on: use the program that wrote it, or begin with an "
                    "empty data directory");
  if (parsed.entry_case() == cluster::Entry::ENTRY_NOT_SET)
    return fail(errc::version_mismatch,
                where()
                  + " is of a type that this program does not know: update it");
  applied_entry out;
  out.index = entry.index;
  out.term = entry.term;
  out.what = parsed.entry_case();
  // The leader never lets its clock go back; neither do we.
  out.time_ns = std::max(parsed.proposed_ns(), last_proposed_ns_);
  out.rejected = cluster_applier{*this, out, changes}.apply(parsed);
  return out;
}

// -- reading ------------------------------------------------------------------

const agent_record* cluster_state::find_agent(const agent_id& id) const {
  auto found = agents_.find(id);
  return found != agents_.end() ? &found->second : nullptr;
}

const agent_record*
cluster_state::find_agent_by_uid(const std::string& uid) const {
  auto found = agents_by_uid_.find(uid);
  return found != agents_by_uid_.end() ? found->second : nullptr;
}

const framework_record*
cluster_state::find_framework(const framework_id& id) const {
  auto found = frameworks_.find(id);
  return found != frameworks_.end() ? &found->second : nullptr;
}

const task_record* cluster_state::find_task(const task_key& key) const {
  auto* owner = find_framework(key.framework);
  if (owner == nullptr)
    return nullptr;
  auto found = owner->tasks.find(key.task.text());
  return found != owner->tasks.end() ? &found->second : nullptr;
}

const executor_record*
cluster_state::find_executor(const agent_id& agent,
                             const executor_key& key) const {
  auto* place = find_agent(agent);
  if (place == nullptr)
    return nullptr;
  auto found = place->executors.find(key);
  return found != place->executors.end() ? &found->second : nullptr;
}

const cluster::TaskRecord*
cluster_state::find_ended_task(const task_key& key) const {
  auto found = newest_end_.find(key);
  return found != newest_end_.end() ? &ended_tasks_.at(found->second) : nullptr;
}

void cluster_state::for_each_agent(const visitor<agent_record>& visit) const {
  for (auto& [id, agent] : agents_)
    if (!visit(agent))
      return;
}

void cluster_state::for_each_framework(
  const visitor<framework_record>& visit) const {
  for (auto& [id, framework] : frameworks_)
    if (!visit(framework))
      return;
}

void cluster_state::for_each_task(const task_filter& which,
                                  const visitor<task_record>& visit) const {
  auto* place = which.agent ? find_agent(*which.agent) : nullptr;
  auto* owner = which.framework ? find_framework(*which.framework) : nullptr;
  if ((which.agent && !place) || (which.framework && !owner))
    return;
  auto visited = [&](const task_record& task) {
    auto selected = (!place || task.agent == place)
                    && (!owner || task.framework == owner)
                    && (!which.state || task.state == *which.state);
    return !selected || visit(task);
  };
  auto visited_all = [&](const framework_record& framework) {
    return std::all_of(framework.tasks.begin(), framework.tasks.end(),
                       [&](auto& item) {
                         return visited(item.second);
                       });
  };
  if (place && (!owner || place->tasks.size() < owner->tasks.size())) {
    for (auto* task : place->tasks)
      if (!visited(*task))
        return;
  } else if (owner) {
    visited_all(*owner);
  } else {
    for (auto& [id, framework] : frameworks_)
      if (!visited_all(framework))
        return;
  }
}

void cluster_state::for_each_ended_task(
  const visitor<cluster::TaskRecord>& visit) const {
  for (auto i = ended_tasks_.rbegin(); i != ended_tasks_.rend(); ++i)
    if (!visit(i->second))
      return;
}

// -- proof --------------------------------------------------------------------

cluster::ClusterRecord cluster_state::to_stored() const {
  cluster::ClusterRecord to;
  to.set_version(version_);
  to.set_cluster_id(cluster_id_);
  to.mutable_epoch()->set_generation(epoch_.generation);
  to.mutable_epoch()->set_term(epoch_.term);
  to.set_last_proposed_ns(last_proposed_ns_);
  to.set_next_agent(next_agent_);
  to.set_next_framework(next_framework_);
  to.set_next_end(next_end_);
  to.set_next_group(next_group_);
  return to;
}

status cluster_state::for_each_record(const record_visitor& visit) const {
  using agora::to_stored;
  if (cluster_id_.empty())
    return {};
  for (auto& [id, agent] : agents_)
    if (auto err
        = visit(state_keys::of_agent(id), stable_bytes(to_stored(agent))))
      return err;
  if (auto err = visit(state_keys::cluster, stable_bytes(this->to_stored())))
    return err;
  for (auto& [number, task] : ended_tasks_)
    if (auto err = visit(state_keys::of_ended_task(number), stable_bytes(task)))
      return err;
  for (auto& [id, framework] : frameworks_)
    for (auto& [key, executor] : framework.executors)
      if (auto err = visit(state_keys::of_executor(key.first, executor->key()),
                           stable_bytes(to_stored(*executor))))
        return err;
  for (auto& [id, framework] : frameworks_)
    if (auto err = visit(state_keys::of_framework(id),
                         stable_bytes(to_stored(framework))))
      return err;
  return for_each_task_record(visit);
}

status cluster_state::for_each_task_record(const record_visitor& visit) const {
  using agora::to_stored;
  for (auto& [id, framework] : frameworks_) {
    std::map<uint64_t, const task_group*> groups;
    for (auto& [name, task] : framework.tasks)
      if (task.group)
        groups.emplace(task.group->number, task.group.get());
    for (auto& [number, group] : groups)
      if (auto err = visit(state_keys::of_group(id, number),
                           stable_bytes(to_stored(id, *group))))
        return err;
  }
  for (auto& [id, framework] : frameworks_)
    for (auto& [name, task] : framework.tasks)
      if (auto err
          = visit(state_keys::of_task(id, name), stable_bytes(to_stored(task))))
        return err;
  for (auto& [id, framework] : frameworks_)
    for (auto& [name, task] : framework.tasks)
      if (!task.untouched())
        if (auto err = visit(state_keys::of_task_state(id, name),
                             stable_bytes(state_to_stored(task))))
          return err;
  return {};
}

uint64_t cluster_state::digest() const {
  digester sum;
  auto err = for_each_record([&](std::string_view key, std::string_view value) {
    sum.take(key);
    sum.take(value);
    return status{};
  });
  return err ? 0 : sum.value();
}

} // namespace agora
