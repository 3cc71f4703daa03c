// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/replication/replica_flow.hpp"

#include "actors/replication/consensus_codec.hpp"
#include "actors/replication/replica_links.hpp"
#include "actors/session/session_actor.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace agora {

namespace {

/// Entries handed to the owner in one message.
constexpr size_t entries_per_message = 2'048;

/// A body is closed when its entries reach this.
constexpr size_t bytes_per_body = size_t{4} << 20;

void send_messages(log_replica_ptr self,
                   const std::vector<consensus_message>& messages) {
  struct open_body {
    session::ReplicaMessages body;
    size_t bytes = 0;
  };
  std::map<member_uid, open_body> bodies;
  auto send = [&](member_uid to, open_body& open) {
    if (auto session = self->state.peers.session_with(to))
      send_body(self, session, open.body);
    open.body.Clear();
    open.bytes = 0;
  };
  for (auto& message : messages) {
    auto& open = bodies[message.to];
    to_wire(message, *open.body.add_messages()->mutable_consensus());
    open.bytes += payload_bytes(message);
    if (open.bytes >= bytes_per_body)
      send(message.to, open);
  }
  for (auto& [to, open] : bodies)
    if (open.body.messages_size() > 0)
      send(to, open);
}

// -- snapshots ----------------------------------------------------------------

void end_snapshot(log_replica_ptr self, member_uid to, uint64_t arrived) {
  self->state.sending.erase(to);
  self->state.log->snapshot_ended(to, arrived);
  schedule_flow(self);
}

void pump_snapshots(log_replica_ptr self) {
  auto& state = self->state;
  std::vector<member_uid> ended;
  for (auto& [to, sender] : state.sending) {
    while (sender.may_send()) {
      auto chunk = sender.next();
      if (!chunk)
        return fail_replica(self, std::move(chunk.error()));
      session::ReplicaMessage message;
      *message.mutable_snapshot_chunk() = std::move(*chunk);
      send_to_member(self, to, std::move(message));
    }
    if (state.log->machine().leads() == nullptr)
      ended.push_back(to);
  }
  for (auto to : ended)
    state.sending.erase(to);
}

void begin_snapshot(log_replica_ptr self, member_uid to) {
  auto& state = self->state;
  auto what = state.log->snapshot();
  if (!what && code_of(what.error()) != errc::conflict)
    return fail_replica(self, std::move(what.error()));
  if (!what || !state.peers.session_with(to))
    return end_snapshot(self, to, 0);
  spdlog::info("snapshot begins to={} index={}", to_string(to),
               what->mark().last.index);
  state.sending.erase(to);
  state.sending.emplace(
    to, snapshot_sender{std::move(*what), ++state.next_transfer,
                        state.log->machine().term(), state.options.chunk_bytes,
                        state.options.chunks_window, self->clock().now()});
}

void take_in_snapshot(log_replica_ptr self) {
  auto& state = self->state;
  if (auto bad = state.receiving.carry_on(*state.log))
    return fail_replica(self, std::move(bad));
  for (auto& answer : state.receiving.take_answers()) {
    session::ReplicaMessage message;
    *message.mutable_snapshot_taken() = std::move(answer.what);
    send_to_member(self, answer.to, std::move(message));
  }
}

// -- the owner ----------------------------------------------------------------

void hand_out_state(log_replica_ptr self) {
  auto& state = self->state;
  auto index = state.log->take_installed();
  if (!index)
    return;
  spdlog::info("snapshot taken in index={}", *index);
  self->send(state.owner, state_installed{*index, state.log});
}

void hand_out_entries(log_replica_ptr self) {
  auto& state = self->state;
  auto& log = *state.log;
  while (log.taken_index() - log.applied_index()
         < state.options.handed_out_entries) {
    auto entries = log.take_committed(entries_per_message);
    if (!entries)
      return fail_replica(self, std::move(entries.error()));
    if (entries->empty())
      return;
    if (state.options.on_committed)
      state.options.on_committed(*entries);
    self->send(state.owner, committed_entries{std::move(*entries)});
  }
}

log_leadership leadership_of(const log_replica_state& state) {
  auto& machine = state.log->machine();
  auto& view = machine.log();
  log_leadership now;
  now.term = machine.term();
  now.cluster_id = state.log->cluster_id();
  // Only what was handed out before can the owner know of.
  now.leads = machine.leads() != nullptr
              && view.term_at(state.log->taken_index()) == machine.term();
  if (machine.leads() != nullptr)
    return now;
  if (auto* leader = view.members().find(machine.leader()))
    now.leader = leader->address;
  return now;
}

void tell_leadership(log_replica_ptr self) {
  auto& state = self->state;
  auto now = leadership_of(state);
  auto& told = state.told;
  if (told && told->leads == now.leads && told->leader == now.leader
      && told->cluster_id == now.cluster_id
      && (!now.leads || told->term == now.term))
    return;
  told = now;
  self->send(state.owner, std::move(now));
}

// -- reads --------------------------------------------------------------------

void permit(log_replica_ptr self, const std::vector<read_permit>& permits) {
  auto& state = self->state;
  for (auto& one : permits) {
    auto asked = state.reads.find(one.id);
    if (asked == state.reads.end())
      continue;
    if (one.index == 0)
      asked->second.deliver(
        fail(errc::not_leader, "this master does not lead any more"));
    else
      state.permitted.emplace(one.index, asked->second);
    state.reads.erase(asked);
  }
  auto until = state.permitted.upper_bound(state.log->taken_index());
  for (auto at = state.permitted.begin(); at != until; ++at)
    at->second.deliver(at->first);
  state.permitted.erase(state.permitted.begin(), until);
}

// -- time ---------------------------------------------------------------------

/// A leader alone has nobody to hear from.
bool needs_ticks(const log_replica_state& state) {
  auto& machine = state.log->machine();
  return state.change || machine.leads() == nullptr
         || machine.log().members().members().size() > 1;
}

void schedule_tick(log_replica_ptr self) {
  auto& state = self->state;
  if (state.ticking || !needs_ticks(state))
    return;
  state.ticking = true;
  state.ticked_at = self->clock().now();
  self->delayed_send(self, state.options.tick, caf::tick_atom::value);
}

} // namespace

void fail_replica(log_replica_ptr self, status why) {
  spdlog::critical("log replica ends reason=\"{}\"", describe(why));
  if (self->state.options.on_failure)
    self->state.options.on_failure(why);
  self->quit(std::move(why));
}

void send_to_member(log_replica_ptr self, member_uid to,
                    session::ReplicaMessage message) {
  auto session = self->state.peers.session_with(to);
  if (!session)
    return;
  session::ReplicaMessages body;
  *body.add_messages() = std::move(message);
  send_body(self, session, body);
}

void give_up_snapshots(log_replica_ptr self) {
  auto& state = self->state;
  auto too_old = self->clock().now() - state.options.snapshot_patience;
  std::vector<member_uid> overdue;
  for (auto& [to, sender] : state.sending)
    if (sender.last_progress() < too_old)
      overdue.push_back(to);
  for (auto to : overdue)
    end_snapshot(self, to, 0);
}

void schedule_flow(log_replica_ptr self) {
  if (!self->state.awake->exchange(true))
    self->send(self, caf::flush_atom::value);
}

void flow(log_replica_ptr self) {
  auto& state = self->state;
  state.awake->store(false);
  if (state.to_found)
    return;
  schedule_tick(self);
  auto todo = state.log->carry_on();
  if (!todo)
    return fail_replica(self, std::move(todo.error()));
  send_messages(self, todo->send);
  for (auto& order : todo->snapshots)
    begin_snapshot(self, order.to);
  pump_snapshots(self);
  take_in_snapshot(self);
  hand_out_state(self);
  hand_out_entries(self);
  permit(self, todo->permits);
  // Who asked hears before the owner, which drops all that is asked when this
  // member does not lead any more.
  if (state.change
      && state.change->proceed(*state.log, state.peers, self->clock().now()))
    state.change.reset();
  tell_leadership(self);
  follow_members(self);
}

} // namespace agora
