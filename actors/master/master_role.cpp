// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/master_role.hpp"

#include "actors/master/entry_application.hpp"
#include "actors/master/master_turn.hpp"
#include "actors/master/stored_state.hpp"
#include "runtime/base/check.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace agora {

namespace {

/// What `kind` of peer is told of `leadership`, as bytes; empty for kinds that
/// are not told.
std::string leadership_body(session::PeerKind kind,
                            const session::Leadership& leadership) {
  if (kind == session::AGENT) {
    session::MasterToAgent body;
    *body.add_messages()->mutable_leadership() = leadership;
    return body.SerializeAsString();
  }
  if (kind == session::SCHEDULER) {
    session::MasterToScheduler body;
    *body.mutable_leadership() = leadership;
    return body.SerializeAsString();
  }
  return {};
}

void tell_everybody(master_ptr self) {
  auto news = self->state.standing.message();
  auto for_agents = leadership_body(session::AGENT, news);
  auto for_schedulers = leadership_body(session::SCHEDULER, news);
  for (auto& [number, session] : self->state.sessions)
    if (session.kind == session::AGENT)
      self->send(session.actor, session_body{for_agents});
    else if (session.kind == session::SCHEDULER)
      self->send(session.actor, session_body{for_schedulers});
}

const std::string& cluster_id_of(const master_actor_state& state) {
  auto& known = state.cluster().cluster_id();
  return known.empty() ? state.cluster_id : known;
}

void take_over(master_ptr self, uint64_t term) {
  auto& state = self->state;
  auto began = self->clock().now();
  // The second time in one term, it could not tell its own proposals from
  // those of the first time.
  AGORA_CHECK(term > state.newest_term);
  state.newest_term = term;
  auto generation
    = std::max<uint64_t>(1, state.standby->current_epoch().generation);
  if (std::exchange(state.restored, false))
    ++generation;
  epoch own{generation, term};
  state.leading = std::make_unique<master_leadership>(
    ++state.leaderships, state.settings, std::move(*state.standby), own, began,
    state.clock(), state.applied_index);
  state.standby.reset();
  auto& leading = *state.leading;
  leading.allocator = state.new_allocator(master_actor{self});
  self->link_to(leading.allocator);
  for (auto& [number, session] : state.sessions)
    leading.machine.session_opened(number);
  if (auto found = state.cluster().version();
      found != 0 && found < cluster_version)
    spdlog::info("raising the cluster's version from={} to={}; older "
                 "programs will not read it any more",
                 found, cluster_version);
  AGORA_CHECK(!cluster_id_of(state).empty());
  leading.machine.begin(cluster_id_of(state));
  schedule_flush(self);
  state.standing.lead(own);
  tell_gateway(self);
  tell_everybody(self);
  auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
    self->clock().now() - began);
  auto& cluster = state.cluster();
  spdlog::info("master leads cluster={} epoch={} applied={} agents={} "
               "frameworks={} tasks={} sessions={} took_ms={}",
               cluster_id_of(state), to_string(own), state.applied_index,
               cluster.agent_count(), cluster.framework_count(),
               cluster.counts().total(), state.sessions.size(), took.count());
}

/// @param leader HOST:PORT of the one that leads now; empty if none is known.
void step_down(master_ptr self, const std::string& leader) {
  auto& state = self->state;
  auto& leading = *state.leading;
  auto epoch_before = leading.machine.context().own_epoch;
  auto in_flight = leading.machine.in_flight();
  // Linked, the end of one would be the end of the other.
  self->unlink_from(leading.allocator);
  self->send_exit(leading.allocator, caf::exit_reason::user_shutdown);
  state.standby
    = std::make_unique<cluster_state>(leading.machine.release_state());
  state.leading.reset();
  state.standing.follow(leader);
  tell_gateway(self);
  spdlog::info("master follows leader={} epoch_before={} applied={} "
               "dropped_proposals={} sessions={}",
               leader.empty() ? "none" : leader, to_string(epoch_before),
               state.applied_index, in_flight, state.sessions.size());
  // Whoever is here may have asked for what will never be answered, and has to
  // tell an older leader's words from a newer one's.
  for (auto& [number, session] : state.sessions)
    self->send(session.actor, session_close{state.standing.end_of_sessions(
                                session.kind == session::TOOL)});
  state.sessions.clear();
}

/// @returns false if the node has to end.
bool apply_one(master_ptr self, const log_entry& entry, write_batch& changes) {
  auto& state = self->state;
  // A gap would be stored, and stay for ever.
  AGORA_CHECK(entry.index == state.applied_index + 1);
  status bad;
  if (entry.kind != entry_kind::command) {
    if (state.leading)
      state.leading->machine.skip(entry);
  } else if (state.leading) {
    bad = state.leading->machine.apply(entry, changes);
  } else {
    bad = apply_entry(*state.standby, entry, changes, [](auto&, auto&) {});
  }
  if (bad) {
    end_node(self, std::move(bad));
    return false;
  }
  state.applied_index = entry.index;
  return true;
}

void take(master_ptr self, const log_leadership& note) {
  auto& state = self->state;
  if (!note.cluster_id.empty())
    state.cluster_id = note.cluster_id;
  if (note.leads) {
    if (state.leading) {
      if (state.newest_term == note.term)
        return;            // Known.
      step_down(self, {}); // It led in between, and not in the old term.
    }
    return take_over(self, note.term);
  }
  if (state.leading)
    return step_down(self, note.leader);
  if (state.standing.follow(note.leader)) {
    spdlog::info("master follows leader={} applied={}",
                 note.leader.empty() ? "none" : note.leader,
                 state.applied_index);
    tell_everybody(self);
  }
  tell_gateway(self);
}

void take(master_ptr self, const committed_entries& committed) {
  auto& state = self->state;
  if (state.leading)
    machine_at_now(self);
  write_batch changes;
  uint64_t unsent = 0;
  for (auto& entry : committed.entries) {
    if (!apply_one(self, *entry, changes))
      return;
    unsent = entry->index;
    if (changes.bytes() < bytes_per_applied)
      continue;
    self->send(state.log,
               entries_applied{entry->index, std::exchange(changes, {})});
    unsent = 0;
  }
  if (unsent != 0)
    self->send(state.log, entries_applied{unsent, std::move(changes)});
  tell_gateway(self);
  if (!state.leading)
    return;
  propose_next(self);
  schedule_flush(self);
}

void take(master_ptr self, const state_installed& installed) {
  auto& state = self->state;
  if (state.leading) {
    // The log should have said so first: a leader has all that is committed.
    spdlog::error("the log installs a state while it leads index={}",
                  installed.index);
    step_down(self, {});
  }
  auto loaded = load_stored_state(*installed.state, state.standby->limits());
  if (!loaded)
    return end_node(self, loaded.error());
  spdlog::info("state installed index={} before={} agents={} frameworks={} "
               "tasks={}",
               installed.index, state.applied_index, loaded->agent_count(),
               loaded->framework_count(), loaded->counts().total());
  *state.standby = std::move(*loaded);
  state.applied_index = installed.index;
  tell_gateway(self);
}

} // namespace

void take_news(master_ptr self, log_news news) {
  if (!self->state.log) {
    self->state.early.push_back(std::move(news));
    return;
  }
  std::visit(
    [self](auto& what) {
      take(self, what);
    },
    news);
}

void tell_leadership(master_ptr self, const master_session& session) {
  auto bytes = leadership_body(session.kind, self->state.standing.message());
  if (!bytes.empty())
    self->send(session.actor, session_body{std::move(bytes)});
}

void tell_gateway(master_ptr self) {
  auto& state = self->state;
  auto& told = state.told_gateway;
  auto& cluster_id = cluster_id_of(state);
  auto own = state.standing.own_epoch();
  if (!state.gateway
      || (told.cluster_id == cluster_id && told.own_epoch == own))
    return;
  told = {cluster_id, own};
  self->send(state.gateway, told);
}

} // namespace agora
