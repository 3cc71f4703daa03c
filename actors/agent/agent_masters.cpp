// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/agent_masters.hpp"

#include "actors/agent/attachment.hpp"
#include "actors/session/session_actor.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace agora {

namespace {

void detach(agent_ptr self) {
  auto& state = self->state;
  state.master = 0;
  state.master_session = nullptr;
  state.attach_deadline.reset();
  state.refused_until.reset();
  state.outbox.clear();
  // The next master says what it still wants.
  state.books->postponed.clear();
  if (std::exchange(state.attached, false))
    attach_streams(self);
}

void attach_to(agent_ptr self, const leader_session& leader) {
  auto& state = self->state;
  state.master = leader.number;
  state.master_epoch = leader.leads_with;
  state.master_session = state.masters.at(leader.number);
  session::AgentToMaster body;
  *body.add_messages()->mutable_attach() = make_attach(*state.books);
  send_body(self, state.master_session, body);
  state.attach_deadline
    = self->clock().now() + state.books->options.timeouts.attach;
}

/// Sees to it that the agent is attached to the master that leads, if there is
/// one, and to no other. The sessions to the others stay open, and idle.
void follow_leader(agent_ptr self) {
  auto& state = self->state;
  auto& leader = state.leaders.chosen();
  auto stays = leader ? leader->number == state.master
                          && leader->leads_with == state.master_epoch
                      : state.master == 0;
  if (!stays) {
    if (state.master != 0) {
      spdlog::info("agent detached reason=\"{}\"",
                   leader ? "a newer leader has taken over"
                          : "the master does not lead any more");
      detach(self);
    }
    if (leader)
      attach_to(self, *leader);
  }
  schedule_agent_tick(self);
}

/// A master that leads with an old epoch is not obeyed, and its session is
/// given up later.
void watch_outdated(agent_ptr self, session_number number, epoch claimed) {
  auto& state = self->state;
  if (!state.leaders.outdated(number)) {
    state.outdated.erase(number);
    return;
  }
  spdlog::warn("master ignored: it leads with an old epoch epoch={} newest={}",
               to_string(claimed), to_string(state.leaders.newest()));
  state.outdated.insert_or_assign(
    number, self->clock().now() + state.books->options.timeouts.refused_retry);
}

void close_outdated(agent_ptr self, std::chrono::steady_clock::time_point now) {
  auto& state = self->state;
  std::erase_if(state.outdated, [&](const auto& entry) {
    if (entry.second > now)
      return false;
    self->send(state.masters.at(entry.first),
               session_close{fail(errc::stale_epoch,
                                  "the master leads with an old epoch")});
    return true;
  });
}

} // namespace

void master_up(agent_ptr self, const session_up& news,
               const session_actor& session) {
  auto& state = self->state;
  auto now = self->clock().now();
  state.leaders.obeyed(epoch_of(state.books->identity.epoch()), now);
  if (!state.leaders.opened(news.number, news.peer_epoch, now)) {
    self->send(session,
               session_close{fail(errc::limit_reached,
                                  "this agent is told of too many masters")});
    return;
  }
  state.masters.emplace(news.number, session);
  watch_outdated(self, news.number, news.peer_epoch);
  follow_leader(self);
}

void master_down(agent_ptr self, const session_down& news) {
  auto& state = self->state;
  state.masters.erase(news.number);
  state.outdated.erase(news.number);
  state.leaders.closed(news.number, self->clock().now());
  // Who is not reached now is said once more.
  state.unreached.clear();
  if (news.number == state.master) {
    // Of one that was refused, the refusal says why, and once.
    spdlog::log(state.refused_until ? spdlog::level::debug
                                    : spdlog::level::info,
                "agent detached reason={}", describe(news.reason));
    detach(self);
  } else {
    spdlog::debug("idle session to a master ended reason={}",
                  describe(news.reason));
  }
  follow_leader(self);
}

void master_said(agent_ptr self, session_number number,
                 const session::Leadership& what) {
  auto claimed = epoch_of(what.epoch());
  if (!self->state.leaders.said(number, what.leads(), claimed,
                                self->clock().now()))
    return;
  watch_outdated(self, number, claimed);
  follow_leader(self);
}

void master_not_reached(agent_ptr self, const dial_failed& news) {
  // It is tried for as long as the agent runs.
  auto first = self->state.unreached.insert(news.address).second;
  spdlog::log(first ? spdlog::level::warn : spdlog::level::debug,
              "master not reached address={} reason={} retry_ms={}",
              news.address, describe(news.reason), news.retry_in.count());
}

void give_up_later(agent_ptr self) {
  auto& state = self->state;
  state.attach_deadline.reset();
  state.refused_until
    = self->clock().now() + state.books->options.timeouts.refused_retry;
  schedule_agent_tick(self);
}

void masters_due(agent_ptr self) {
  auto& state = self->state;
  auto now = self->clock().now();
  auto late = state.attach_deadline && *state.attach_deadline <= now;
  auto refused = state.refused_until && *state.refused_until <= now;
  if (late)
    spdlog::warn("master does not answer the attach");
  if ((late || refused) && state.master_session) {
    state.attach_deadline.reset();
    state.refused_until.reset();
    self->send(state.master_session,
               session_close{fail(errc::timeout, "not attached")});
  }
  close_outdated(self, now);
  if (state.leaders.take_complaint(now))
    spdlog::warn("masters are reached, but none leads: no quorum? sessions={}",
                 state.leaders.open());
}

} // namespace agora
