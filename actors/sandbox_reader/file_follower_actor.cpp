// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/sandbox_reader/file_follower_actor.hpp"

#include <utility>

namespace agora {

namespace {

using follower_self
  = file_follower_actor::stateful_pointer<file_follower_state>;

void follow(follower_self self, file_step step) {
  switch (step.next) {
    case file_step::read:
      if (step.pause.count() == 0)
        self->send(self, caf::tick_atom::value);
      else
        self->delayed_send(self, step.pause, caf::tick_atom::value);
      return;
    case file_step::finished:
      self->quit();
      return;
    case file_step::failed:
      self->quit(std::move(step.reason));
      return;
  }
}

/// CAF's own words for a silent peer are of no use to people.
status explain(const caf::error& reason) {
  if (reason == caf::sec::request_timeout)
    return fail(errc::timeout, "the agent did not answer in time");
  if (reason == caf::sec::request_receiver_down)
    return fail(errc::shutting_down, "the session was closed");
  return reason;
}

void read(follower_self self) {
  auto& state = self->state;
  self
    ->request(state.agent, state.cursor->answer_timeout(),
              state.cursor->next_request())
    .then(
      [self](const session::ToolResponse& response) {
        auto& chunk = response.file_chunk();
        if (!chunk.data().empty())
          if (auto failed = self->state.sink(chunk.data())) {
            self->quit(std::move(failed));
            return;
          }
        follow(self, self->state.cursor->received(chunk));
      },
      [self](const caf::error& reason) {
        follow(self, self->state.cursor->failed(explain(reason)));
      });
}

} // namespace

file_follower_actor::behavior_type
file_follower(follower_self self, const caf::strong_actor_ptr& reader,
              tool_session_actor agent, file_request request, file_sink sink) {
  auto& state = self->state;
  // An agent that is cut off may not answer for long, and nobody else would
  // end this actor.
  self->monitor(reader);
  self->set_down_handler([self](const caf::down_msg&) {
    self->quit();
  });
  state.cursor.emplace(std::move(request));
  state.agent = std::move(agent);
  state.sink = std::move(sink);
  self->send(self, caf::tick_atom::value);
  return {
    [self](caf::tick_atom) {
      read(self);
    },
  };
}

} // namespace agora
