// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/cluster/cluster_applier.hpp"

#include "runtime/base/check.hpp"
#include "storage/cluster/record_codec.hpp"
#include "storage/cluster/record_links.hpp"
#include "storage/cluster/state_keys.hpp"

#include <algorithm>

namespace agora {

cluster_applier::cluster_applier(cluster_state& state, applied_entry& out,
                                 write_batch& changes)
  : state_(state), out_(out), changes_(changes) {
  // nop
}

status cluster_applier::apply(const cluster::Entry& entry) {
  if (entry.version() == 0)
    return fail(errc::invalid_argument, "version is missing");
  auto founds = entry.entry_case() == cluster::Entry::kClusterFounded;
  if (state_.cluster_id_.empty() && !founds)
    return fail(errc::conflict, "the log does not begin with ClusterFounded");
  if (auto err = check_version(entry))
    return err;
  if (auto err = dispatch(entry))
    return err;
  state_.last_proposed_ns_ = out_.time_ns;
  store_cluster();
  return {};
}

status cluster_applier::check_version(const cluster::Entry& entry) const {
  auto raises = entry.entry_case() == cluster::Entry::kClusterVersionRaised;
  auto allowed = state_.version_;
  if (state_.cluster_id_.empty())
    allowed = entry.version();
  else if (raises)
    allowed = entry.cluster_version_raised().version();
  auto since = since_version(entry.entry_case());
  if (entry.version() > allowed || since > allowed)
    return fail(errc::version_mismatch,
                "the cluster is at version " + std::to_string(state_.version_)
                  + "; the entry is of version "
                  + std::to_string(std::max(entry.version(), since)));
  return {};
}

status cluster_applier::dispatch(const cluster::Entry& entry) {
  switch (entry.entry_case()) {
    case cluster::Entry::kClusterFounded:
      return on(entry.cluster_founded(), entry.version());
    case cluster::Entry::kTermStarted:
      return on(entry.term_started());
    case cluster::Entry::kAgentAdmitted:
      return on(entry.agent_admitted());
    case cluster::Entry::kAgentAttached:
      return on(entry.agent_attached());
    case cluster::Entry::kAgentDetached:
      return on(entry.agent_detached());
    case cluster::Entry::kAgentUnreachable:
      return on(entry.agent_unreachable());
    case cluster::Entry::kAgentGone:
      return on(entry.agent_gone());
    case cluster::Entry::kFrameworkSubscribed:
      return on(entry.framework_subscribed());
    case cluster::Entry::kFrameworkDisconnected:
      return on(entry.framework_disconnected());
    case cluster::Entry::kFrameworkUpdated:
      return on(entry.framework_updated());
    case cluster::Entry::kFrameworkEnded:
      return on(entry.framework_ended());
    case cluster::Entry::kTasksAccepted:
      return on(entry.tasks_accepted());
    case cluster::Entry::kTasksConfirmed:
      return on(entry.tasks_confirmed());
    case cluster::Entry::kTaskStatus:
      return on(entry.task_status());
    case cluster::Entry::kStatusAcknowledged:
      return on(entry.status_acknowledged());
    case cluster::Entry::kKillRequested:
      return on(entry.kill_requested());
    case cluster::Entry::kTaskAdopted:
      return on(entry.task_adopted());
    case cluster::Entry::kExecutorEnded:
      return on(entry.executor_ended());
    case cluster::Entry::kClusterVersionRaised:
      return on(entry.cluster_version_raised(), entry.version());
    case cluster::Entry::ENTRY_NOT_SET:
      break;
  }
  return fail(errc::version_mismatch, "the entry's type is not known");
}

status cluster_applier::on(const cluster::ClusterFounded& what,
                           uint32_t version) {
  if (!state_.cluster_id_.empty())
    return fail(errc::already_exists,
                "the log belongs to cluster " + state_.cluster_id_);
  if (auto err = check_object_id("cluster_id", what.cluster_id()))
    return err;
  state_.cluster_id_ = what.cluster_id();
  state_.version_ = version;
  return {};
}

status cluster_applier::on(const cluster::ClusterVersionRaised& what,
                           uint32_t version) {
  if (what.version() <= state_.version_)
    return fail(errc::conflict, "the cluster is at version "
                                  + std::to_string(state_.version_)
                                  + " already");
  // Older programs stop at the entry's own version.
  if (what.version() != version)
    return fail(errc::invalid_argument,
                "the entry is of version " + std::to_string(version)
                  + " and raises to " + std::to_string(what.version()));
  state_.version_ = what.version();
  return {};
}

status cluster_applier::on(const cluster::TermStarted& what) {
  auto started = epoch{what.epoch().generation(), what.epoch().term()};
  if (started <= state_.epoch_)
    return fail(errc::stale_epoch, "epoch " + to_string(started)
                                     + " does not follow epoch "
                                     + to_string(state_.epoch_));
  state_.epoch_ = started;
  out_.started_epoch = started;
  return {};
}

// -- resources ----------------------------------------------------------------

void cluster_applier::acquire(agent_record& place, framework_record& owner,
                              const std::string& role,
                              const resources& amount) {
  if (amount.empty())
    return;
  // The rules have made sure that it fits.
  AGORA_CHECK(!add_usage(place, owner.id, role, amount));
  note(out_.acquired, acquired_, place.id, owner.id, role, amount);
}

void cluster_applier::release(agent_record& place, framework_record& owner,
                              const std::string& role,
                              const resources& amount) {
  if (amount.empty() || !place.counted())
    return;
  remove_usage(place, owner.id, role, amount);
  note(out_.released, released_, place.id, owner.id, role, amount);
}

void cluster_applier::note(std::vector<usage_change>& list, usage_index& index,
                           const agent_id& place, const framework_id& owner,
                           const std::string& role, const resources& amount) {
  auto [position, added] = index.try_emplace({place, owner, role}, list.size());
  if (added)
    list.push_back({owner, role, place, {}});
  list[position->second].amount += amount;
}

// -- stored form --------------------------------------------------------------

void cluster_applier::store(const agent_record& which) {
  changes_.put(state_keys::of_agent(which.id), stable_bytes(to_stored(which)));
}

void cluster_applier::store(const framework_record& which) {
  changes_.put(state_keys::of_framework(which.id),
               stable_bytes(to_stored(which)));
}

void cluster_applier::store(const task_record& which) {
  changes_.put(state_keys::of_task(which.framework->id, *which.id),
               stable_bytes(to_stored(which)));
}

void cluster_applier::store_state(const task_record& which) {
  changes_.put(state_keys::of_task_state(which.framework->id, *which.id),
               stable_bytes(state_to_stored(which)));
}

void cluster_applier::store(const executor_record& which) {
  changes_.put(state_keys::of_executor(which.agent->id, which.key()),
               stable_bytes(to_stored(which)));
}

void cluster_applier::store_cluster() {
  changes_.put(std::string{state_keys::cluster},
               stable_bytes(state_.to_stored()));
}

} // namespace agora
