// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/sandbox_reader/tool_session_actor.hpp"

#include "actors/session/connector_actor.hpp"

#include <algorithm>
#include <utility>

namespace agora {

namespace {

using tool_session_self
  = tool_session_actor::stateful_pointer<tool_session_state>;
using question = tool_session_state::question;

void schedule_tick(tool_session_self self) {
  auto& state = self->state;
  auto earliest = state.dial_at;
  for (auto& one : state.waiting)
    if (!earliest || one.deadline < *earliest)
      earliest = one.deadline;
  if (!earliest || (state.tick_at && *state.tick_at <= *earliest))
    return;
  state.tick_at = earliest;
  self->scheduled_send(self, *earliest, caf::tick_atom::value);
}

/// A connector that has brought what it was spawned for, or will not.
void drop_connector(tool_session_self self) {
  if (auto connector = std::exchange(self->state.connector, nullptr))
    self->send_exit(connector, caf::exit_reason::user_shutdown);
}

/// Goes on looking for who answers, if somebody waits for that.
void look_on(tool_session_self self) {
  auto& state = self->state;
  if (state.session || state.connector || state.dial_at
      || state.waiting.empty())
    return schedule_tick(self);
  if (auto pause = state.search->pause(); pause.count() > 0)
    state.dial_at = self->clock().now() + pause;
  else
    state.connector
      = state.dial(tool_session_actor{self}, state.search->next());
  schedule_tick(self);
}

void send(tool_session_self self, question what) {
  auto& state = self->state;
  what.request.set_id(++state.last_id);
  session::ToolRequests body;
  *body.add_requests() = what.request;
  state.asked.emplace(state.last_id, std::move(what));
  send_body(self, state.session, body);
}

caf::result<session::ToolResponse> ask(tool_session_self self,
                                       session::ToolRequest& request) {
  auto& state = self->state;
  if (state.asked.size() + state.waiting.size() >= state.limits.open_requests)
    return fail(errc::limit_reached, "too many questions wait for an answer");
  auto answer = self->make_response_promise<session::ToolResponse>();
  question what{std::move(request), answer,
                self->clock().now() + state.limits.patience};
  if (state.session && !state.leaving) {
    send(self, std::move(what));
  } else {
    state.waiting.push_back(std::move(what));
    look_on(self);
  }
  return answer;
}

/// Leaves a master that does not lead, once it has nothing more to say.
void leave_if_done(tool_session_self self) {
  auto& state = self->state;
  if (!state.leaving || !state.session || !state.asked.empty())
    return;
  self->send(state.session,
             session_close{fail(errc::not_leader, "asking another master")});
  state.session = nullptr;
  state.number = 0;
  state.leaving = false;
  state.search->not_leader(std::exchange(state.named, {}));
  look_on(self);
}

void answer_all(tool_session_self self, session::ToolResponses& responses) {
  auto& state = self->state;
  for (auto& response : *responses.mutable_responses()) {
    auto found = state.asked.find(response.id());
    if (found == state.asked.end())
      continue;
    auto refused = error_of(response);
    if (code_of(refused) == errc::not_leader) {
      state.leaving = true;
      if (parse_address(response.error().leader()))
        state.named = response.error().leader();
      state.waiting.push_back(std::move(found->second));
    } else {
      state.search->end();
      if (refused)
        found->second.answer.deliver(std::move(refused));
      else
        found->second.answer.deliver(std::move(response));
    }
    state.asked.erase(found);
  }
  leave_if_done(self);
  schedule_tick(self);
}

void give_up_late(tool_session_self self, tool_session_state::time_point now) {
  auto& state = self->state;
  auto& search = *state.search;
  auto late = std::stable_partition(state.waiting.begin(), state.waiting.end(),
                                    [now](const question& one) {
                                      return one.deadline > now;
                                    });
  if (late == state.waiting.end())
    return;
  auto reason
    = search.reached()
        ? search.outcome()
        : fail(errc::timeout,
               "no answer from " + to_string(search.next()) + " in time");
  for (auto one = late; one != state.waiting.end(); ++one)
    one->answer.deliver(reason);
  state.waiting.erase(late, state.waiting.end());
  if (state.waiting.empty())
    search.end();
}

void session_opened(tool_session_self self, const session_up& up,
                    const session_actor& session) {
  auto& state = self->state;
  if (state.session) {
    self->send(session, session_close{fail(errc::already_exists,
                                           "there is another session")});
    return;
  }
  state.session = session;
  state.number = up.number;
  drop_connector(self); // The session stays open without it.
  state.dial_at.reset();
  give_up_late(self, self->clock().now());
  for (auto& one : std::exchange(state.waiting, {}))
    send(self, std::move(one));
}

void session_closed(tool_session_self self, const session_down& down) {
  auto& state = self->state;
  if (down.number != state.number || !state.session)
    return;
  state.session = nullptr;
  state.number = 0;
  if (std::exchange(state.leaving, false))
    state.search->not_leader(std::exchange(state.named, {}));
  for (auto& [id, one] : std::exchange(state.asked, {}))
    one.answer.deliver(fail(errc::session_lost, text_of(down.reason)));
  look_on(self);
}

/// Nobody waits any more.
void fail_waiting(tool_session_self self, const status& reason) {
  auto& state = self->state;
  for (auto& one : std::exchange(state.waiting, {}))
    one.answer.deliver(reason);
  state.search->end();
}

void not_reached(tool_session_self self, const dial_failed& failed) {
  auto& state = self->state;
  // Connectors that were dropped may have had something to say yet.
  if (!state.connector || failed.address != to_string(state.search->next()))
    return;
  drop_connector(self);
  state.search->not_reached(failed.reason);
  if (state.search->hopeless())
    fail_waiting(self, state.search->outcome());
  look_on(self);
}

void tick(tool_session_self self) {
  auto& state = self->state;
  auto now = self->clock().now();
  state.tick_at.reset();
  give_up_late(self, now);
  if (state.dial_at && *state.dial_at <= now) {
    state.dial_at.reset();
    if (!state.waiting.empty())
      state.connector
        = state.dial(tool_session_actor{self}, state.search->next());
  }
  look_on(self);
}

} // namespace

status error_of(const session::ToolResponse& response) {
  if (!response.has_error())
    return {};
  auto code = parse_errc(response.error().code());
  if (code && *code != errc::none)
    return fail(*code, response.error().text());
  return fail(errc::invalid_argument,
              response.error().code() + ": " + response.error().text());
}

tool_session_actor::behavior_type
tool_session(tool_session_self self, const caf::strong_actor_ptr& user,
             std::vector<node_address> nodes, dial_function dial,
             tool_session_limits limits) {
  auto& state = self->state;
  state.limits = limits;
  state.dial = std::move(dial);
  state.search.emplace(std::move(nodes));
  if (user) {
    self->monitor(user);
    self->set_down_handler([self](const caf::down_msg&) {
      self->quit();
    });
  }
  return {
    [self](const session_up& up, const session_actor& session) {
      session_opened(self, up, session);
    },
    [self](session_number number, session::ToolResponses& responses) {
      if (number == self->state.number)
        answer_all(self, responses);
    },
    [self](const session_down& down) {
      session_closed(self, down);
    },
    [self](const dial_failed& failed) {
      not_reached(self, failed);
    },
    [self](session::ToolRequest& request) {
      return ask(self, request);
    },
    [self](caf::get_atom) {
      return to_string(self->state.search->next());
    },
    [self](caf::tick_atom) {
      tick(self);
    },
  };
}

tool_session_actor spawn_tool_session(caf::actor_system& system,
                                      const caf::strong_actor_ptr& user,
                                      std::vector<node_address> nodes,
                                      const link_actor& link,
                                      tool_session_limits limits) {
  connector_options options;
  options.session.kind = session::TOOL;
  options.backoff = backoff_of_few;
  options.introduction.set_protocol_version(session_protocol_version);
  options.introduction.set_kind(session::TOOL);
  options.introduction.set_software("agora tool");
  auto dial = [&system, options, link](const tool_session_actor& owner,
                                       const node_address& node) {
    auto with_address = options;
    with_address.addresses = {node};
    return spawn_connector<session::ToolResponses>(
      system, owner, std::move(with_address), link);
  };
  return system.spawn(tool_session, user, std::move(nodes), dial_function{dial},
                      limits);
}

} // namespace agora
