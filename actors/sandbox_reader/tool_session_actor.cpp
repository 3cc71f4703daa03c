// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/sandbox_reader/tool_session_actor.hpp"

#include "actors/session/connector_actor.hpp"

#include <utility>

namespace agora {

namespace {

using tool_session_self
  = tool_session_actor::stateful_pointer<tool_session_state>;
using promise = tool_session_state::promise;

void send(tool_session_self self, session::ToolRequest request,
          promise answer) {
  auto& state = self->state;
  request.set_id(++state.last_id);
  state.asked.emplace(state.last_id, std::move(answer));
  session::ToolRequests body;
  *body.add_requests() = std::move(request);
  send_body(self, state.session, body);
}

caf::result<session::ToolResponse> ask(tool_session_self self,
                                       session::ToolRequest& request) {
  auto& state = self->state;
  if (state.asked.size() + state.waiting.size() >= state.limits.open_requests)
    return fail(errc::limit_reached, "too many questions wait for an answer");
  auto answer = self->make_response_promise<session::ToolResponse>();
  if (state.session)
    send(self, std::move(request), answer);
  else
    state.waiting.emplace_back(std::move(request), answer);
  return answer;
}

void answer_all(tool_session_self self, session::ToolResponses& responses) {
  auto& asked = self->state.asked;
  for (auto& response : *responses.mutable_responses()) {
    auto found = asked.find(response.id());
    if (found == asked.end())
      continue;
    if (auto refused = error_of(response))
      found->second.deliver(std::move(refused));
    else
      found->second.deliver(std::move(response));
    asked.erase(found);
  }
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
             tool_session_limits limits) {
  self->state.limits = limits;
  if (user) {
    self->monitor(user);
    self->set_down_handler([self](const caf::down_msg&) {
      self->quit();
    });
  }
  return {
    [self](const session_up& up, const session_actor& session) {
      auto& state = self->state;
      state.session = session;
      state.number = up.number;
      for (auto& [request, answer] : std::exchange(state.waiting, {}))
        send(self, std::move(request), std::move(answer));
    },
    [self](session_number number, session::ToolResponses& responses) {
      if (number == self->state.number)
        answer_all(self, responses);
    },
    [self](const session_down& down) {
      auto& state = self->state;
      if (down.number != state.number)
        return;
      state.session = nullptr;
      for (auto& [id, answer] : std::exchange(state.asked, {}))
        answer.deliver(fail(errc::session_lost, text_of(down.reason)));
    },
    [self](const dial_failed& failed) {
      for (auto& [request, answer] : std::exchange(self->state.waiting, {}))
        answer.deliver(failed.reason);
    },
    [self](session::ToolRequest& request) {
      return ask(self, request);
    },
  };
}

tool_session_actor spawn_tool_session(caf::actor_system& system,
                                      const caf::strong_actor_ptr& user,
                                      std::vector<node_address> addresses,
                                      const link_actor& link) {
  auto actor = system.spawn(tool_session, user, tool_session_limits{});
  connector_options options;
  options.addresses = std::move(addresses);
  options.session.kind = session::TOOL;
  options.backoff = backoff_of_few;
  options.introduction.set_protocol_version(session_protocol_version);
  options.introduction.set_kind(session::TOOL);
  options.introduction.set_software("agora tool");
  spawn_connector<session::ToolResponses>(system, actor, std::move(options),
                                          link);
  return actor;
}

} // namespace agora
