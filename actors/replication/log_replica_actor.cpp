// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/replication/log_replica_actor.hpp"

#include <spdlog/spdlog.h>

namespace agora {

namespace {

/// Entries handed to the owner in one message.
constexpr size_t entries_per_message = 2'048;

void hand_out(log_replica_ptr self) {
  auto& state = self->state;
  state.awake->store(false);
  auto entries = state.log->take_committed(entries_per_message);
  if (!entries) {
    spdlog::critical("log unreadable reason=\"{}\"", describe(entries.error()));
    if (state.on_failure)
      state.on_failure(entries.error());
    self->quit(std::move(entries.error()));
    return;
  }
  if (entries->empty())
    return;
  auto more = entries->size() == entries_per_message;
  committed_entries out;
  for (auto& entry : *entries)
    out.entries.push_back(std::make_shared<const log_entry>(std::move(entry)));
  self->send(state.owner, std::move(out));
  if (more && !state.awake->exchange(true))
    self->send(self, caf::flush_atom::value);
}

} // namespace

log_replica_actor::behavior_type
log_replica(log_replica_ptr self, std::unique_ptr<replicated_log> log,
            log_owner_actor owner,
            std::function<void(const status&)> on_failure) {
  auto& state = self->state;
  state.log = std::move(log);
  state.owner = std::move(owner);
  state.on_failure = on_failure;
  state.awake = std::make_shared<std::atomic<bool>>(false);
  // By address: the store must not keep its reader alive.
  auto me = caf::actor_cast<caf::actor_addr>(self);
  auto wake = [me, awake = state.awake] {
    if (awake->exchange(true))
      return;
    if (auto to = caf::actor_cast<log_replica_actor>(me))
      caf::anon_send(to, caf::flush_atom::value);
  };
  state.log->listen({std::move(wake), std::move(on_failure)});
  return {
    [self](log_proposal& proposal) -> caf::result<uint64_t> {
      auto first = self->state.log->propose(std::move(proposal.payloads));
      if (!first)
        return std::move(first.error());
      return *first;
    },
    [self](entries_applied& applied) {
      auto bad
        = self->state.log->applied(applied.index, std::move(applied.changes));
      if (!bad)
        return;
      // The next changes must not be stored without these.
      spdlog::critical("state not stored index={} reason=\"{}\"", applied.index,
                       describe(bad));
      if (self->state.on_failure)
        self->state.on_failure(bad);
      self->quit(std::move(bad));
    },
    [](read_barrier) -> caf::result<uint64_t> {
      return fail(errc::not_leader, "not yet");
    },
    [](get_log_members) {
      return session::MasterList{};
    },
    [](const session::ChangeMasters&) -> caf::result<session::Done> {
      return fail(errc::not_leader, "not yet");
    },
    [](const session_up&, const session_actor&) {},
    [](session_number, const session::ReplicaMessages&) {},
    [](const session_down&) {},
    [](const dial_failed&) {},
    [](caf::tick_atom) {},
    [self](caf::flush_atom) {
      hand_out(self);
    },
  };
}

} // namespace agora
