// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/scheduler/framework_driver_actor.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace agora {

namespace {

using self_ptr
  = framework_driver_actor::stateful_pointer<framework_driver_state>;
using open_body = framework_driver_state::open_body;
using v1::scheduler::Event;

/// Bodies leave when the mailbox is empty of what came before, so that calls
/// and acknowledgements that belong together travel together.
void schedule_flush(self_ptr self) {
  auto& state = self->state;
  if (!state.machine->has_calls() || state.flush_scheduled)
    return;
  state.flush_scheduled = true;
  self->send(self, caf::tick_atom::value);
}

void flush(self_ptr self) {
  auto& state = self->state;
  state.flush_scheduled = false;
  if (!state.session)
    return;
  auto send = [self](session::SchedulerToMaster& body) {
    self->send(self->state.session, session_body{body.SerializeAsString()});
    body.Clear();
  };
  session::SchedulerToMaster body;
  size_t bytes = 0;
  for (auto& call : state.machine->take_calls()) {
    auto more = call.ByteSizeLong();
    if (bytes != 0 && bytes + more > state.limits.body_bytes) {
      send(body);
      bytes = 0;
    }
    bytes += more;
    *body.add_calls() = std::move(call);
  }
  if (bytes != 0)
    send(body);
}

void schedule_tick(self_ptr self) {
  auto& state = self->state;
  auto at = state.machine->next_wakeup();
  auto complaint = state.leaders.complaint_due();
  if (complaint && (!at || *complaint < *at))
    at = complaint;
  if (!at)
    return;
  auto due = std::max(*at, self->clock().now());
  if (state.tick_at && *state.tick_at <= due)
    return;
  state.tick_at = due;
  self->scheduled_send(self, due, caf::tick_atom::value);
}

void proceed(self_ptr self);

void event_handled(const std::shared_ptr<open_body>& body) {
  if (body && --body->unhandled == 0)
    body->consumed.deliver(caf::unit);
}

/// The scheduler has done with an event, one way or the other.
void event_answered(self_ptr self, const std::shared_ptr<open_body>& body) {
  --self->state.handed;
  event_handled(body);
  proceed(self);
}

/// Hands an event to the scheduler; `body` is the one it came in, if any.
void hand_over(self_ptr self, Event event, std::shared_ptr<open_body> body) {
  auto& state = self->state;
  auto type = Event::Type_Name(event.type());
  auto acknowledgement = state.machine->acknowledgement_of(event);
  ++state.handed;
  self->request(state.scheduler, state.limits.handler_timeout, std::move(event))
    .then(
      [self, body, acknowledgement] {
        if (acknowledgement)
          self->state.machine->acknowledge(*acknowledgement);
        event_answered(self, body);
      },
      [self, body, type](const caf::error& reason) {
        // If it has ended, scheduler_down hears of it.
        if (reason != caf::sec::request_receiver_down)
          spdlog::warn(
            "scheduler did not handle an event type={} reason=\"{}\"", type,
            reason == caf::sec::request_timeout ? "it took too long"
                                                : describe(reason));
        event_answered(self, body);
      });
}

/// Takes the machine's events, which are from `body` or the driver's own.
void take_events(self_ptr self, const std::shared_ptr<open_body>& body) {
  auto& state = self->state;
  for (auto& event : state.machine->take_events()) {
    if (body)
      ++body->unhandled;
    state.waiting.push_back({std::move(event), body});
  }
}

void hand_over_waiting(self_ptr self) {
  auto& state = self->state;
  while (!state.waiting.empty()) {
    if (state.scheduler && state.handed >= state.limits.handed_events)
      return;
    auto [event, body] = std::move(state.waiting.front());
    state.waiting.pop_front();
    if (state.scheduler)
      hand_over(self, std::move(event), std::move(body));
    else
      event_handled(body); // Nobody is left who would.
  }
}

void quit(self_ptr self) {
  auto& state = self->state;
  auto reason = state.machine->end_reason();
  if (auto scheduler = std::exchange(state.scheduler, nullptr)) {
    self->demonitor(scheduler.address());
    self->send_exit(scheduler, caf::exit_reason::user_shutdown);
  }
  flush(self); // Its last calls, such as SUPPRESS before it leaves.
  state.session = nullptr;
  state.masters.clear();
  self->quit(std::move(reason));
}

/// Does what the machine wants done after each input.
void proceed(self_ptr self) {
  auto& state = self->state;
  take_events(self, nullptr);
  hand_over_waiting(self);
  if (auto reason = state.machine->take_close(); reason && state.session)
    self->send(state.session, session_close{std::move(*reason)});
  if (state.machine->ended()) {
    if (state.handed == 0 || !state.scheduler)
      quit(self);
    return;
  }
  schedule_flush(self);
  schedule_tick(self);
}

/// Has the framework's id kept, or forgotten, if that has changed.
void keep_id(self_ptr self) {
  auto& state = self->state;
  auto& machine = *state.machine;
  auto id = machine.torn_down() ? framework_id{} : machine.id();
  if (!state.keep_id || id == state.kept_id)
    return;
  auto failed = state.keep_id(id);
  if (!failed) {
    state.kept_id = std::move(id);
  } else if (id.empty()) {
    spdlog::warn("id of an ended framework not removed reason=\"{}\"",
                 describe(failed));
  } else {
    machine.take_events(); // The scheduler must not begin.
    machine.end(std::move(failed));
  }
}

caf::result<void> receive(self_ptr self, session::MasterToScheduler& events) {
  auto& state = self->state;
  auto body = std::make_shared<open_body>();
  auto now = self->clock().now();
  for (auto& event : *events.mutable_events())
    state.machine->receive(std::move(event), now);
  for (auto& refused : events.refused()) {
    state.machine->refused(refused);
    spdlog::error("call refused by the master type={} code={} reason=\"{}\"",
                  v1::scheduler::Call::Type_Name(refused.type()),
                  refused.code(), refused.text());
  }
  keep_id(self);
  take_events(self, body);
  if (body->unhandled != 0)
    body->consumed = self->make_response_promise<caf::response_promise>();
  auto answer = body->consumed;
  auto wait = body->unhandled != 0;
  proceed(self);
  if (wait)
    return answer;
  return caf::unit;
}

/// The scheduler has ended: its last words were handled before.
void scheduler_down(self_ptr self, const caf::error& reason) {
  auto& state = self->state;
  state.scheduler = nullptr;
  if (reason && reason != caf::exit_reason::normal
      && reason != caf::exit_reason::user_shutdown)
    state.machine->end(reason);
  else if (!state.machine->tearing_down())
    state.machine->end({});
  proceed(self);
}

void begin(self_ptr self, driver_options options,
           const scheduler_factory& factory) {
  auto& state = self->state;
  state.limits = options.limits;
  state.keep_id = std::move(options.keep_id);
  state.kept_id = id_of<framework_id>(options.info.id());
  state.machine.emplace(std::move(options));
  state.scheduler = factory(self->system(), framework_driver_actor{self});
  self->monitor(state.scheduler);
  self->set_down_handler([self](const caf::down_msg& down) {
    auto& scheduler = self->state.scheduler;
    if (scheduler && down.source == scheduler.address())
      scheduler_down(self, down.reason);
  });
  self->set_exit_handler([self](const caf::exit_msg& exit) {
    self->state.machine->end(exit.reason);
    quit(self);
  });
}

caf::result<void> call(self_ptr self, v1::scheduler::Call& call) {
  auto type = v1::scheduler::Call::Type_Name(call.type());
  auto refused
    = self->state.machine->call(std::move(call), self->clock().now());
  // A scheduler that does not wait for the answer should see it, too.
  if (refused)
    spdlog::warn("call refused type={} reason=\"{}\"", type, describe(refused));
  proceed(self);
  if (refused)
    return refused;
  return caf::unit;
}

/// Sees to it that the machine works with the master that leads, if there is
/// one, and with no other. The sessions to the others stay open, and idle.
void follow_leader(self_ptr self) {
  auto& state = self->state;
  if (state.machine->ended())
    return;
  auto now = self->clock().now();
  auto& leader = state.leaders.chosen();
  auto stays = leader ? leader->number == state.number
                          && leader->leads_with == state.leads_with
                      : state.number == 0;
  if (!stays) {
    state.session = nullptr;
    state.number = 0;
    state.machine->session_down(now);
    if (leader) {
      spdlog::info("leader found epoch={}", to_string(leader->leads_with));
      state.session = state.masters.at(leader->number);
      state.number = leader->number;
      state.leads_with = leader->leads_with;
      state.machine->session_up(now);
    }
  }
  state.machine->leaderless(leader ? 0 : state.masters.size(), now);
  proceed(self);
}

void warn_if_outdated(self_ptr self, session_number number, epoch claimed) {
  auto& leaders = self->state.leaders;
  if (leaders.outdated(number))
    spdlog::warn(
      "master ignored: it leads with an old epoch epoch={} newest={}",
      to_string(claimed), to_string(leaders.newest()));
}

void session_opened(self_ptr self, const session_up& up,
                    const session_actor& session) {
  auto& state = self->state;
  // Epochs of two clusters do not compare: one that was made anew begins low,
  // and has to tell the framework that it does not know it.
  if (!up.peer_cluster.empty() && up.peer_cluster != state.cluster
      && state.masters.empty()) {
    state.leaders = {};
    state.cluster = up.peer_cluster;
  }
  if (!state.leaders.opened(up.number, up.peer_epoch, self->clock().now())) {
    self->send(session, session_close{fail(errc::limit_reached,
                                           "this framework is told of too many "
                                           "masters")});
    return;
  }
  spdlog::info("session open cluster={}", up.peer_cluster);
  state.masters.emplace(up.number, session);
  warn_if_outdated(self, up.number, up.peer_epoch);
  follow_leader(self);
}

void session_lost(self_ptr self, const session_down& down) {
  auto& state = self->state;
  if (state.masters.erase(down.number) == 0)
    return;
  // Who is not reached now is said once more.
  state.unreached.clear();
  state.leaders.closed(down.number, self->clock().now());
  spdlog::log(down.number == state.number ? spdlog::level::warn
                                          : spdlog::level::info,
              "session lost reason=\"{}\"", text_of(down.reason));
  follow_leader(self);
}

void master_said(self_ptr self, session_number number,
                 const session::Leadership& what) {
  epoch claimed{what.epoch().generation(), what.epoch().term()};
  if (!self->state.leaders.said(number, what.leads(), claimed,
                                self->clock().now()))
    return;
  warn_if_outdated(self, number, claimed);
  follow_leader(self);
}

void master_not_reached(self_ptr self, const dial_failed& failed) {
  auto& state = self->state;
  auto first = state.unreached.insert(failed.address).second;
  spdlog::log(first ? spdlog::level::warn : spdlog::level::info,
              "master not reached, trying on address={} reason=\"{}\"",
              failed.address, text_of(failed.reason));
  // One of several may be away.
  if (!state.masters.empty())
    return;
  state.machine->dial_failed(failed.reason, self->clock().now());
  proceed(self);
}

void tick(self_ptr self) {
  auto& state = self->state;
  auto now = self->clock().now();
  if (state.tick_at && *state.tick_at <= now)
    state.tick_at.reset();
  if (state.leaders.take_complaint(now))
    spdlog::warn("masters are reached, but none leads: no quorum? sessions={}",
                 state.leaders.open());
  state.machine->tick(now);
  flush(self);
  proceed(self);
}

} // namespace

framework_driver_actor::behavior_type
framework_driver(self_ptr self, driver_options options,
                 scheduler_factory factory, connect_function connect) {
  begin(self, std::move(options), factory);
  if (connect)
    connect(self->system(), framework_driver_actor{self});
  return {
    [self](v1::scheduler::Call& content) {
      return call(self, content);
    },
    [self](const session_up& up, const session_actor& session) {
      session_opened(self, up, session);
    },
    [self](const session_down& down) {
      session_lost(self, down);
    },
    [self](session_number number,
           session::MasterToScheduler& events) -> caf::result<void> {
      if (events.has_leadership())
        master_said(self, number, events.leadership());
      if (number != self->state.number)
        return caf::unit;
      return receive(self, events);
    },
    [self](const dial_failed& failed) {
      master_not_reached(self, failed);
    },
    [self](caf::tick_atom) {
      tick(self);
    },
  };
}

} // namespace agora
