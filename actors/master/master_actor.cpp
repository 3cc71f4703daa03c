// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/master_actor.hpp"

#include "actors/master/body_packer.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>

namespace agora {

namespace {

using namespace std::chrono_literals;

/// The log answers at once, the allocator after it has planned: these are for
/// an actor that has died.
constexpr auto log_timeout = 60s;
constexpr auto allocator_timeout = 30s;

/// Given to the log at once.
constexpr size_t entries_per_proposal = 4'096;
constexpr size_t bytes_per_proposal = size_t{8} << 20;

/// Overdue work that is rationed must not become a busy loop.
constexpr auto tick_pause = 20ms;

master_machine& machine_at_now(master_ptr self) {
  auto& state = self->state;
  state.machine->at(self->clock().now(), state.clock());
  return *state.machine;
}

/// Everything that is queued behind this message is handled before the flush
/// comes: that is the batch.
void schedule_flush(master_ptr self) {
  if (std::exchange(self->state.flushing, true))
    return;
  self->send(self, caf::flush_atom::value);
}

void schedule_tick(master_ptr self) {
  auto& state = self->state;
  auto next = state.machine->next_deadline();
  if (!next)
    return;
  auto at = std::max(*next, self->clock().now() + tick_pause);
  if (state.tick_at && *state.tick_at <= at)
    return;
  state.tick_at = at;
  self->scheduled_send(self, at, caf::tick_atom::value);
}

template <class Body, class Message, class Slot>
void send_bodies(master_ptr self,
                 std::map<session_number, std::vector<Message>>& messages,
                 Slot slot) {
  for (auto& [number, list] : messages) {
    auto found = self->state.sessions.find(number);
    if (found == self->state.sessions.end())
      continue; // It has ended; its peer will come back and ask.
    for (auto& bytes : pack_bodies<Body>(std::move(list), slot))
      self->send(found->second, session_body{std::move(bytes)});
  }
}

void propose_next(master_ptr self) {
  auto& state = self->state;
  if (state.proposing || state.unproposed.empty())
    return;
  log_proposal proposal;
  size_t bytes = 0;
  for (auto& payload : state.unproposed) {
    if (proposal.payloads.size() == entries_per_proposal
        || (bytes > 0 && bytes + payload.size() > bytes_per_proposal))
      break;
    bytes += payload.size();
    proposal.payloads.push_back(payload);
  }
  auto count = proposal.payloads.size();
  state.proposing = true;
  self->request(state.log, log_timeout, std::move(proposal))
    .then(
      [self, count](uint64_t) {
        auto& queue = self->state.unproposed;
        self->state.proposing = false;
        queue.erase(queue.begin(),
                    queue.begin() + static_cast<std::ptrdiff_t>(count));
        propose_next(self);
      },
      [self](const caf::error& reason) {
        self->state.proposing = false;
        if (reason != errc::limit_reached)
          return self->state.on_failure(reason);
        // The log is full. It tells that it has moved on by handing out what
        // it has committed; its store, which may be behind, does not tell.
        if (!std::exchange(self->state.retrying, true))
          self->delayed_send(self, tick_pause, caf::flush_atom::value);
      });
}

void ask_allocator(master_ptr self, master_outbox::allocator_query query) {
  auto& state = self->state;
  auto number = query.session;
  auto id = query.request.id();
  if (query.request.has_explain_framework()) {
    auto framework
      = id_of<framework_id>(query.request.explain_framework().framework_id());
    self
      ->request(state.allocator, allocator_timeout,
                explain_framework{framework})
      .then(
        [self, number, id](session::FrameworkExplanation& answer) {
          machine_at_now(self).explained(number, id, std::move(answer));
          schedule_flush(self);
        },
        [self, number, id](caf::error& reason) {
          machine_at_now(self).explained(number, id, std::move(reason));
          schedule_flush(self);
        });
    return;
  }
  auto request = query.request;
  self->request(state.allocator, allocator_timeout, get_shares{})
    .then(
      [self, number, request](share_report& shares) {
        machine_at_now(self).shares_known(number, request, std::move(shares));
        schedule_flush(self);
      },
      [self, number, request](caf::error& reason) {
        machine_at_now(self).shares_known(number, request, std::move(reason));
        schedule_flush(self);
      });
}

void flush(master_ptr self) {
  auto& state = self->state;
  state.flushing = false;
  state.retrying = false;
  auto out = state.machine->take_outbox();
  if (!out.allocations.empty())
    self->send(state.allocator, allocation_changes{std::move(out.allocations)});
  auto payloads = state.machine->stamp(std::move(out.proposals));
  std::move(payloads.begin(), payloads.end(),
            std::back_inserter(state.unproposed));
  propose_next(self);
  send_bodies<session::MasterToAgent>(self, out.agents, [](auto& body) {
    return body.mutable_messages();
  });
  send_bodies<session::MasterToScheduler>(self, out.schedulers, [](auto& body) {
    return body.mutable_events();
  });
  send_bodies<session::MasterToScheduler>(self, out.refused_calls,
                                          [](auto& body) {
                                            return body.mutable_refused();
                                          });
  send_bodies<session::ToolResponses>(self, out.tools, [](auto& body) {
    return body.mutable_responses();
  });
  for (auto& query : out.queries)
    ask_allocator(self, std::move(query));
  for (auto& [number, reason] : out.closes) {
    auto found = state.sessions.find(number);
    if (found != state.sessions.end())
      self->send(found->second, session_close{reason});
  }
  schedule_tick(self);
}

/// Whether the log is too far behind to take more; then the sender's session
/// ends, and it comes back later.
bool overloaded(master_ptr self, session_number number) {
  auto& state = self->state;
  auto limit = state.machine->settings().proposals_limit;
  if (state.machine->in_flight() <= limit)
    return false;
  spdlog::warn("master overloaded session={} in_flight={}", number,
               state.machine->in_flight());
  auto found = state.sessions.find(number);
  if (found != state.sessions.end())
    self->send(found->second,
               session_close{fail(errc::limit_reached,
                                  "the master's log does not keep up")});
  return true;
}

void apply_committed(master_ptr self, const committed_entries& committed) {
  auto& state = self->state;
  auto& machine = machine_at_now(self);
  write_batch changes;
  uint64_t unsent = 0;
  for (auto& entry : committed.entries) {
    if (entry->kind == entry_kind::command)
      if (auto bad = machine.apply(*entry, changes))
        return state.on_failure(bad);
    unsent = entry->index;
    if (changes.bytes() < bytes_per_applied)
      continue;
    self->send(state.log,
               entries_applied{entry->index, std::exchange(changes, {})});
    unsent = 0;
  }
  if (unsent != 0)
    self->send(state.log, entries_applied{unsent, std::move(changes)});
  propose_next(self);
  schedule_flush(self);
}

} // namespace

master_actor::behavior_type master(master_ptr self, master_begin begin) {
  auto& state = self->state;
  state.clock = std::move(begin.clock);
  state.on_failure = std::move(begin.on_failure);
  state.machine = std::make_unique<master_machine>(
    std::move(begin.settings), std::move(*begin.state), begin.own_epoch,
    self->clock().now(), state.clock());
  return {
    [self,
     cluster_id = std::move(begin.cluster_id)](master_companions& companions) {
      self->link_to(companions.log);
      self->link_to(companions.allocator);
      self->state.log = std::move(companions.log);
      self->state.allocator = std::move(companions.allocator);
      auto& machine = machine_at_now(self);
      if (auto found = machine.state().version();
          found != 0 && found < cluster_version)
        spdlog::info("raising the cluster's version from={} to={}; older "
                     "programs will not read it any more",
                     found, cluster_version);
      machine.begin(cluster_id);
      schedule_flush(self);
    },
    [self](const session_up& up, const session_actor& session) {
      self->state.sessions[up.number] = session;
      machine_at_now(self).session_opened(up.number);
      auto tool = up.kind == session::TOOL;
      if (tool)
        self->state.tools.insert(up.number);
      spdlog::log(tool ? spdlog::level::debug : spdlog::level::info,
                  "session up session={} kind={} peer=\"{}\"", up.number,
                  session::PeerKind_Name(up.kind), up.peer_software);
    },
    [self](const session_down& down) {
      auto tool = self->state.tools.erase(down.number) > 0;
      spdlog::log(tool ? spdlog::level::debug : spdlog::level::info,
                  "session down session={} reason=\"{}\"", down.number,
                  describe(down.reason));
      self->state.sessions.erase(down.number);
      machine_at_now(self).session_lost(down);
      schedule_flush(self);
    },
    [self](session_number number, session::AgentToMaster& body) {
      if (overloaded(self, number))
        return;
      machine_at_now(self).from_agent(number, body);
      schedule_flush(self);
    },
    [self](session_number number, session::SchedulerToMaster& body) {
      if (overloaded(self, number))
        return;
      machine_at_now(self).from_scheduler(number, body);
      schedule_flush(self);
    },
    [self](session_number number, session::ToolRequests& body) {
      machine_at_now(self).from_tool(number, body);
      schedule_flush(self);
    },
    [self](const committed_entries& committed) {
      apply_committed(self, committed);
    },
    [](const state_installed&) {},
    [](const log_leadership&) {},
    [self](planned_offers& offers) {
      machine_at_now(self).planned(std::move(offers));
      schedule_flush(self);
    },
    [self](caf::tick_atom) {
      self->state.tick_at.reset();
      machine_at_now(self).tick();
      schedule_flush(self);
    },
    [self](caf::flush_atom) {
      flush(self);
    },
  };
}

} // namespace agora
