// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/master_actor.hpp"

#include "actors/master/master_role.hpp"
#include "actors/master/master_tools.hpp"
#include "actors/master/master_turn.hpp"
#include "runtime/base/check.hpp"

#include <spdlog/spdlog.h>

namespace agora {

namespace {

using namespace std::chrono_literals;

/// Who sends to a standby all the same is told again who leads, so often.
constexpr auto turn_away_pause = 1s;

/// Whether the log is too far behind to take more; then the sender's session
/// ends, and it comes back later.
bool overloaded(master_ptr self, session_number number) {
  auto& state = self->state;
  auto& machine = state.leading->machine;
  if (machine.in_flight() <= state.settings.proposals_limit)
    return false;
  spdlog::warn("master overloaded session={} in_flight={}", number,
               machine.in_flight());
  self->send(state.sessions.at(number).actor,
             session_close{
               fail(errc::limit_reached, "the master's log does not keep up")});
  return true;
}

/// Whether what came in the session goes to the machine.
bool is_heard(master_ptr self, session_number number) {
  auto& state = self->state;
  auto found = state.sessions.find(number);
  if (found == state.sessions.end())
    return false; // It has ended.
  if (state.leading)
    return is_acting(self) && !overloaded(self, number);
  // The peer knows already. One that does not stop is not worth more.
  auto now = self->clock().now();
  auto& session = found->second;
  if (!session.turned_away || now >= *session.turned_away + turn_away_pause) {
    session.turned_away = now;
    tell_leadership(self, session);
  }
  return false;
}

spdlog::level::level_enum level_for(session::PeerKind kind) {
  // Those of the admin tool come and go, and are no news.
  return kind == session::TOOL ? spdlog::level::debug : spdlog::level::info;
}

void open(master_ptr self, const session_up& up, const session_actor& actor) {
  auto& state = self->state;
  auto& session = state.sessions[up.number];
  session = {actor, up.kind, {}};
  if (state.leading)
    machine_at_now(self).session_opened(up.number);
  // One that is deposed has to hear from its log first what it is.
  if (!state.leading || is_acting(self))
    tell_leadership(self, session);
  spdlog::log(level_for(up.kind), "session up session={} kind={} peer=\"{}\"",
              up.number, session::PeerKind_Name(up.kind), up.peer_software);
}

void close(master_ptr self, const session_down& down) {
  auto& state = self->state;
  auto found = state.sessions.find(down.number);
  if (found == state.sessions.end())
    return; // Closed when this master stepped down.
  spdlog::log(level_for(found->second.kind),
              "session down session={} reason=\"{}\"", down.number,
              describe(down.reason));
  state.sessions.erase(found);
  if (!state.leading)
    return;
  state.leading->reads.forget(down.number);
  machine_at_now(self).session_lost(down);
  schedule_flush(self);
}

/// Whether a plan is of the present leadership's allocator: what an earlier one
/// has planned is not on the new books.
bool is_current_plan(master_ptr self) {
  return is_acting(self)
         && self->current_sender()
              == caf::actor_cast<caf::strong_actor_ptr>(
                self->state.leading->allocator);
}

void tick(master_ptr self) {
  auto* leading = self->state.leading.get();
  // An earlier leadership's, or replaced by an earlier one that has come.
  if (leading == nullptr || !leading->tick_at
      || self->clock().now() < *leading->tick_at)
    return;
  leading->tick_at.reset();
  machine_at_now(self).tick();
  schedule_flush(self);
}

} // namespace

master_actor::behavior_type master(master_ptr self, master_begin begin) {
  auto& state = self->state;
  AGORA_CHECK(begin.new_allocator != nullptr);
  state.standing = master_standing{to_string(begin.settings.address)};
  state.settings = std::move(begin.settings);
  state.new_allocator = std::move(begin.new_allocator);
  state.clock = std::move(begin.clock);
  state.on_failure = std::move(begin.on_failure);
  state.standby = std::make_unique<cluster_state>(std::move(*begin.state));
  state.applied_index = begin.applied_index;
  state.restored = begin.restored;
  return {
    [self](master_companions& companions) {
      self->link_to(companions.log);
      self->state.log = std::move(companions.log);
      self->state.gateway = std::move(companions.gateway);
      tell_gateway(self);
      for (auto& news : std::exchange(self->state.early, {}))
        take_news(self, std::move(news));
    },
    [self](const session_up& up, const session_actor& session) {
      open(self, up, session);
    },
    [self](const session_down& down) {
      close(self, down);
    },
    [self](session_number number, session::AgentToMaster& body) {
      if (!is_heard(self, number))
        return;
      machine_at_now(self).from_agent(number, body);
      schedule_flush(self);
    },
    [self](session_number number, session::SchedulerToMaster& body) {
      if (!is_heard(self, number))
        return;
      machine_at_now(self).from_scheduler(number, body);
      schedule_flush(self);
    },
    [self](session_number number, session::ToolRequests& body) {
      from_tool(self, number, body);
    },
    [self](committed_entries& committed) {
      take_news(self, std::move(committed));
    },
    [self](state_installed& installed) {
      take_news(self, std::move(installed));
    },
    [self](log_leadership& note) {
      take_news(self, std::move(note));
    },
    [self](planned_offers& offers) {
      if (!is_current_plan(self))
        return;
      machine_at_now(self).planned(std::move(offers));
      schedule_flush(self);
    },
    [self](caf::tick_atom) {
      tick(self);
    },
    [self](caf::flush_atom) {
      flush(self);
    },
  };
}

} // namespace agora
