// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/master_turn.hpp"

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

void schedule_tick(master_ptr self) {
  auto& leading = *self->state.leading;
  auto next = leading.machine.next_deadline();
  if (!next)
    return;
  auto at = std::max(*next, self->clock().now() + master_tick_pause);
  if (leading.tick_at && *leading.tick_at <= at)
    return;
  leading.tick_at = at;
  self->scheduled_send(self, at, caf::tick_atom::value);
}

template <class Body, class Message, class Slot>
void send_all(master_ptr self,
              std::map<session_number, std::vector<Message>>& messages,
              Slot slot) {
  for (auto& [number, list] : messages) {
    auto found = self->state.sessions.find(number);
    if (found != self->state.sessions.end())
      send_bodies<Body>(self, found->second.actor, std::move(list), slot);
    // Otherwise it has ended; its peer will come back and ask.
  }
}

void proposal_refused(master_ptr self, master_leadership& leading,
                      const caf::error& reason) {
  leading.proposing = false;
  // The log is full, or hands over and knows soon to whom. It tells that it has
  // moved on by handing out what it has committed; its store, which may be
  // behind, does not tell.
  if (reason == errc::limit_reached || reason == errc::conflict) {
    if (!std::exchange(leading.retrying, true))
      self->delayed_send(self, master_tick_pause, caf::flush_atom::value);
    return;
  }
  if (reason != errc::not_leader)
    return end_node(self, reason);
  // What is missing in the log now must not be followed by anything.
  spdlog::warn("log does not lead any more unproposed={}",
               leading.unproposed.size());
  leading.deposed = true;
  leading.unproposed.clear();
}

void ask_allocator(master_ptr self, master_outbox::allocator_query query) {
  auto& leading = *self->state.leading;
  auto number = query.session;
  auto id = query.request.id();
  auto since = leading.number;
  if (query.request.has_explain_framework()) {
    auto framework
      = id_of<framework_id>(query.request.explain_framework().framework_id());
    auto take = [self, number, id,
                 since](result<session::FrameworkExplanation> answer) {
      if (same_leadership(self, since) == nullptr)
        return;
      machine_at_now(self).explained(number, id, std::move(answer));
      schedule_flush(self);
    };
    self
      ->request(leading.allocator, allocator_timeout,
                explain_framework{framework})
      .then(
        [take](session::FrameworkExplanation& answer) {
          take(std::move(answer));
        },
        [take](caf::error& reason) {
          take(std::move(reason));
        });
    return;
  }
  auto take = [self, number, since,
               request = query.request](result<share_report> shares) {
    if (same_leadership(self, since) == nullptr)
      return;
    machine_at_now(self).shares_known(number, request, std::move(shares));
    schedule_flush(self);
  };
  self->request(leading.allocator, allocator_timeout, get_shares{})
    .then(
      [take](share_report& shares) {
        take(std::move(shares));
      },
      [take](caf::error& reason) {
        take(std::move(reason));
      });
}

void send_outbox(master_ptr self, master_outbox& out) {
  auto& state = self->state;
  send_all<session::MasterToAgent>(self, out.agents, [](auto& body) {
    return body.mutable_messages();
  });
  send_all<session::MasterToScheduler>(self, out.schedulers, [](auto& body) {
    return body.mutable_events();
  });
  send_all<session::MasterToScheduler>(self, out.refused_calls, [](auto& body) {
    return body.mutable_refused();
  });
  send_all<session::ToolResponses>(self, out.tools, [](auto& body) {
    return body.mutable_responses();
  });
  for (auto& query : out.queries)
    ask_allocator(self, std::move(query));
  for (auto& [number, reason] : out.closes) {
    auto found = state.sessions.find(number);
    if (found != state.sessions.end())
      self->send(found->second.actor, session_close{reason});
  }
}

} // namespace

master_leadership* same_leadership(master_ptr self, uint64_t number) {
  auto* leading = self->state.leading.get();
  return leading != nullptr && leading->number == number ? leading : nullptr;
}

bool is_acting(master_ptr self) {
  auto* leading = self->state.leading.get();
  return leading != nullptr && !leading->deposed;
}

master_machine& machine_at_now(master_ptr self) {
  auto& state = self->state;
  auto& machine = state.leading->machine;
  machine.at(self->clock().now(), state.clock());
  return machine;
}

void schedule_flush(master_ptr self) {
  if (std::exchange(self->state.flushing, true))
    return;
  self->send(self, caf::flush_atom::value);
}

void propose_next(master_ptr self) {
  auto& leading = *self->state.leading;
  if (leading.deposed || leading.proposing || leading.unproposed.empty())
    return;
  log_proposal proposal;
  proposal.term = leading.machine.context().own_epoch.term;
  size_t bytes = 0;
  for (auto& payload : leading.unproposed) {
    if (proposal.payloads.size() == entries_per_proposal
        || (bytes > 0 && bytes + payload.size() > bytes_per_proposal))
      break;
    bytes += payload.size();
    proposal.payloads.push_back(payload);
  }
  auto count = proposal.payloads.size();
  auto since = leading.number;
  leading.proposing = true;
  self->request(self->state.log, log_timeout, std::move(proposal))
    .then(
      [self, count, since](uint64_t first) {
        auto* asked = same_leadership(self, since);
        if (asked == nullptr)
          return;
        if (!std::exchange(asked->proposed, true))
          asked->machine.expect_own_from(first);
        asked->proposing = false;
        auto& queue = asked->unproposed;
        queue.erase(queue.begin(),
                    queue.begin() + static_cast<std::ptrdiff_t>(count));
        propose_next(self);
      },
      [self, since](const caf::error& reason) {
        if (auto* asked = same_leadership(self, since))
          proposal_refused(self, *asked, reason);
      });
}

void flush(master_ptr self) {
  auto& state = self->state;
  state.flushing = false;
  if (!state.leading)
    return; // It has stepped down meanwhile.
  auto& leading = *state.leading;
  leading.retrying = false;
  auto out = leading.machine.take_outbox();
  if (leading.deposed)
    return;
  if (!out.allocations.empty())
    self->send(leading.allocator,
               allocation_changes{std::move(out.allocations)});
  auto payloads = leading.machine.stamp(std::move(out.proposals));
  std::move(payloads.begin(), payloads.end(),
            std::back_inserter(leading.unproposed));
  propose_next(self);
  send_outbox(self, out);
  schedule_tick(self);
}

void end_node(master_ptr self, status why) {
  spdlog::critical("master cannot go on reason=\"{}\"", describe(why));
  if (self->state.on_failure)
    self->state.on_failure(why);
  self->quit(std::move(why));
}

void send_responses(master_ptr self, session_number number,
                    std::vector<session::ToolResponse> responses) {
  auto found = self->state.sessions.find(number);
  if (found != self->state.sessions.end())
    send_bodies<session::ToolResponses>(self, found->second.actor,
                                        std::move(responses), [](auto& body) {
                                          return body.mutable_responses();
                                        });
}

} // namespace agora
