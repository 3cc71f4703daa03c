// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/replication/log_replica_actor.hpp"

#include "actors/replication/consensus_codec.hpp"
#include "actors/replication/replica_flow.hpp"
#include "actors/replication/replica_links.hpp"
#include "runtime/base/check.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace agora {

namespace {

/// After a pause of the whole process it has not been silent for all that time:
/// it could not hear.
constexpr int64_t ticks_at_once = 10;

/// How many reads may wait; the machine has a limit, too.
constexpr size_t reads_limit = 10'000;

// -- starting -----------------------------------------------------------------

void listen_to_disk(log_replica_ptr self) {
  auto& state = self->state;
  // By address: the store must not keep its reader alive.
  auto me = caf::actor_cast<caf::actor_addr>(self);
  auto wake = [me, awake = state.awake] {
    if (awake->exchange(true))
      return;
    if (auto to = caf::actor_cast<log_replica_actor>(me))
      caf::anon_send(to, caf::flush_atom::value);
  };
  state.log->listen({std::move(wake), state.options.on_failure});
  schedule_flow(self);
}

void found_when_ready(log_replica_ptr self) {
  auto& state = self->state;
  auto members = state.to_found->members();
  if (!members)
    return;
  if (!*members)
    return fail_replica(self, std::move(members->error()));
  auto cluster_id = state.options.new_cluster_id();
  if (auto bad = state.log->found(cluster_id, **members))
    return fail_replica(self, std::move(bad));
  spdlog::info("cluster founded cluster={} masters={}", cluster_id,
               (*members)->members().size());
  state.to_found.reset();
  introduce_anew(self);
  listen_to_disk(self);
}

/// Whoever told it to found was wrong, or it has lost its disk: somebody has to
/// look, and may take it in.
void found_nothing(log_replica_ptr self, const status& why) {
  spdlog::error("no cluster is founded, this master waits to be taken in "
                "reason=\"{}\"",
                text_of(why));
  self->state.to_found.reset();
  listen_to_disk(self);
}

void start(log_replica_ptr self) {
  auto& state = self->state;
  auto& options = state.options;
  auto is_member = !state.log->cluster_id().empty();
  if (options.bootstrap && !is_member) {
    state.to_found.emplace(state.log->machine().self(), options);
    for (auto& peer : options.peers)
      dial_member(self, to_string(peer.address));
    if (!options.peers.empty())
      spdlog::info("founding a cluster, waiting for masters {}",
                   state.to_found->awaited());
    return found_when_ready(self);
  }
  if (options.bootstrap)
    spdlog::info("nothing to found: this master belongs to a cluster already "
                 "cluster={}",
                 state.log->cluster_id());
  else if (!is_member)
    spdlog::warn("this master belongs to no cluster, and waits to be taken "
                 "in: 'agora masters add' does that, or the start of one "
                 "master with --bootstrap founds a cluster");
  listen_to_disk(self);
}

// -- time ---------------------------------------------------------------------

void tick(log_replica_ptr self) {
  auto& state = self->state;
  auto now = self->clock().now();
  auto passed = (now - state.ticked_at) / state.options.tick;
  state.ticked_at = now;
  state.ticking = false;
  for (auto i = std::clamp<int64_t>(passed, 1, ticks_at_once); i > 0; --i)
    state.log->tick();
  give_up_snapshots(self);
  promote_learners(*state.log);
  flow(self);
}

// -- peers --------------------------------------------------------------------

void close_peer(log_replica_ptr self, session_number number, status why) {
  // It comes again every second.
  auto news = std::exchange(self->state.refusal, text_of(why)) != text_of(why);
  spdlog::log(news ? spdlog::level::warn : spdlog::level::debug,
              "replica refused session={} reason=\"{}\"", number, text_of(why));
  if (auto session = self->state.peers.session(number))
    self->send(session, session_close{std::move(why)});
}

/// @returns why the session is to end.
status take_consensus(log_replica_ptr self, const replica_introduction& who,
                      session::ConsensusMessage& what) {
  auto& state = self->state;
  auto message = from_wire(what);
  if (!message || message->from != who.uid)
    return fail(errc::malformed_message,
                "a message that is not " + to_string(who.uid) + "'s own");
  if (state.to_found || message->to != state.log->machine().self())
    return {}; // Of a time when things were different.
  if (state.log->cluster_id().empty()) {
    if (who.cluster_id.empty())
      return {};
    join_cluster(self, who.cluster_id);
  } else if (who.cluster_id != state.log->cluster_id()
             && !who.cluster_id.empty()) {
    return fail(errc::wrong_cluster,
                to_string(who.uid) + " belongs to cluster " + who.cluster_id);
  }
  state.log->receive(*message);
  return {};
}

status take_message(log_replica_ptr self, session_number number,
                    session::ReplicaMessage& what) {
  auto& state = self->state;
  if (what.has_hello())
    return take_greeting(self, number, what.hello());
  auto* who = state.peers.find(number);
  if (who == nullptr)
    return fail(errc::malformed_message, "a peer that does not say who it is");
  if (what.has_consensus())
    return take_consensus(self, *who, *what.mutable_consensus());
  if (what.has_snapshot_chunk())
    return state.to_found || who->cluster_id != state.log->cluster_id()
             ? status{}
             : state.receiving.take(
               who->uid, std::move(*what.mutable_snapshot_chunk()), *state.log);
  if (what.has_snapshot_taken()) {
    auto& taken = what.snapshot_taken();
    auto sender = state.sending.find(who->uid);
    if (sender == state.sending.end()
        || sender->second.transfer() != taken.transfer())
      return {};
    auto arrived = !taken.refused()
                   && sender->second.taken(taken.number(), self->clock().now());
    if (!arrived && !taken.refused())
      return {};
    spdlog::info("snapshot {} to={} index={}",
                 arrived ? "arrived" : "not wanted", to_string(who->uid),
                 sender->second.mark().last.index);
    auto index = arrived ? sender->second.mark().last.index : 0;
    state.sending.erase(sender);
    state.log->snapshot_ended(who->uid, index);
  }
  return {};
}

void take_messages(log_replica_ptr self, session_number number,
                   session::ReplicaMessages& body) {
  for (auto& what : *body.mutable_messages())
    if (auto bad = take_message(self, number, what)) {
      auto code = code_of(bad);
      if (self->state.to_found && code == errc::conflict)
        found_nothing(self, bad);
      if (code == errc::io_failed || code == errc::store_full
          || code == errc::store_corrupt)
        return fail_replica(self, std::move(bad));
      return close_peer(self, number, std::move(bad));
    }
  if (self->state.to_found)
    found_when_ready(self);
  schedule_flow(self);
}

void peer_down(log_replica_ptr self, const session_down& down) {
  auto& state = self->state;
  auto lost = state.peers.closed(down.number);
  if (!lost)
    return;
  spdlog::info("replica lost member={} reason=\"{}\"", to_string(*lost),
               text_of(down.reason));
  state.receiving.lost(*lost);
  if (state.sending.erase(*lost) > 0)
    state.log->snapshot_ended(*lost, 0);
  state.log->peer_lost(*lost);
  schedule_flow(self);
}

// -- the owner ----------------------------------------------------------------

caf::result<uint64_t> ask_to_read(log_replica_ptr self) {
  auto& state = self->state;
  if (state.reads.size() + state.permitted.size() >= reads_limit)
    return fail(errc::limit_reached, "too many reads wait");
  auto id = ++state.last_read;
  if (auto bad = state.log->read_index(id))
    return bad;
  auto answer = self->make_response_promise<uint64_t>();
  state.reads.emplace(id, answer);
  schedule_flow(self);
  return answer;
}

caf::result<session::Done> change_members(log_replica_ptr self,
                                          session::ChangeMasters& what) {
  auto& state = self->state;
  auto& machine = state.log->machine();
  if (machine.leads() == nullptr)
    return fail(errc::not_leader, "this master does not lead");
  if (state.change)
    return fail(errc::conflict,
                "another change of the masters is under way: one at a time");
  if (auto bad = check_change(what, machine.log().members()))
    return bad;
  auto answer = self->make_response_promise<session::Done>();
  state.change.emplace(std::move(what), answer,
                       self->clock().now() + state.options.change_timeout);
  schedule_flow(self);
  return answer;
}

} // namespace

status check_replica(uint32_t number, const replicated_log& log) {
  auto& machine = log.machine();
  auto* self = machine.log().members().find(machine.self());
  if (self == nullptr || self->number == number)
    return {};
  return fail(errc::invalid_config,
              "this data directory is that of master "
                + std::to_string(self->number) + ", not of master "
                + std::to_string(number)
                + ": give it the --id that it had, or another directory");
}

log_replica_actor::behavior_type
log_replica(log_replica_ptr self, replica_options options,
            std::shared_ptr<replicated_log> log, log_owner_actor owner) {
  auto& state = self->state;
  state.options = std::move(options);
  state.log = std::move(log);
  state.owner = std::move(owner);
  state.awake = std::make_shared<std::atomic<bool>>(false);
  start(self);
  return {
    [self](const session_up& up, const session_actor& session) {
      if (!self->state.peers.opened(up.number, session)) {
        self->send(session, session_close{fail(errc::limit_reached,
                                               "too many replicas connect")});
        return;
      }
      greet(self, session);
    },
    [self](session_number number, session::ReplicaMessages& body) {
      take_messages(self, number, body);
    },
    [self](const session_down& down) {
      peer_down(self, down);
    },
    [](const dial_failed& failed) {
      spdlog::debug("replica not reached address={} reason=\"{}\"",
                    failed.address, text_of(failed.reason));
    },
    [self](log_proposal& proposal) -> caf::result<uint64_t> {
      if (proposal.term != self->state.log->machine().term())
        return fail(errc::not_leader, "the term is over");
      auto first = self->state.log->propose(std::move(proposal.payloads));
      schedule_flow(self);
      if (!first)
        return std::move(first.error());
      return *first;
    },
    [self](entries_applied& applied) {
      auto bad
        = self->state.log->applied(applied.index, std::move(applied.changes));
      // The next changes must not be stored without these.
      if (bad)
        return fail_replica(self, std::move(bad));
      schedule_flow(self);
    },
    [self](read_barrier) {
      return ask_to_read(self);
    },
    [self](get_log_members) {
      return list_members(*self->state.log, self->state.peers);
    },
    [self](session::ChangeMasters& what) {
      return change_members(self, what);
    },
    [self](caf::tick_atom) {
      tick(self);
    },
    [self](caf::flush_atom) {
      flow(self);
    },
  };
}

} // namespace agora
