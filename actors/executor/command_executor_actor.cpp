// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/executor/command_executor_actor.hpp"

#include <caf/actor_cast.hpp>
#include <spdlog/spdlog.h>

#include <type_traits>
#include <utility>

namespace agora {

namespace {

using command_executor_self
  = command_executor_actor::stateful_pointer<command_executor_state>;

void report(command_executor_self self, v1::TaskStatus news) {
  auto& state = self->state;
  v1::executor::Call call;
  call.set_type(v1::executor::Call::UPDATE);
  *call.mutable_framework_id() = state.framework;
  *call.mutable_executor_id() = state.executor;
  *call.mutable_update()->mutable_status() = std::move(news);
  if (auto agent = caf::actor_cast<agent_actor>(state.agent))
    self->send(agent, std::move(call));
}

void schedule_tick(command_executor_self self) {
  auto& state = self->state;
  auto deadline = state.tasks.next_deadline();
  if (!deadline || (state.tick_at && *state.tick_at <= *deadline))
    return;
  state.tick_at = deadline;
  self->scheduled_send(self, *deadline, caf::tick_atom::value);
}

/// Does what the tasks want.
void act(command_executor_self self) {
  auto& state = self->state;
  container_owner_actor me{self};
  for (auto& output : state.tasks.take_outputs())
    std::visit(
      [&](auto& what) {
        using what_type = std::decay_t<decltype(what)>;
        if constexpr (std::is_same_v<what_type, v1::TaskStatus>)
          report(self, std::move(what));
        else if constexpr (std::is_same_v<what_type, container_signal>)
          self->send(state.containers, std::move(what));
        else
          self->send(state.containers, std::move(what), me);
      },
      output);
  schedule_tick(self);
}

void handle(command_executor_self self, const v1::executor::Event& event) {
  using event_type = v1::executor::Event;
  auto& state = self->state;
  auto now = self->clock().now();
  switch (event.type()) {
    case event_type::SUBSCRIBED:
      state.framework = event.subscribed().executor_info().framework_id();
      state.executor = event.subscribed().executor_info().executor_id();
      state.tasks.subscribed(event.subscribed());
      break;
    case event_type::LAUNCH:
      state.tasks.launch(event.launch().task());
      break;
    case event_type::LAUNCH_GROUP:
      state.tasks.launch_group(event.launch_group().task_group());
      break;
    case event_type::KILL: {
      auto& policy = event.kill().kill_policy();
      auto grace
        = policy.has_grace_period()
            ? std::chrono::nanoseconds{policy.grace_period().nanoseconds()}
            : std::chrono::nanoseconds{state.kill_grace};
      state.tasks.kill(id_of<task_id>(event.kill().task_id()), grace, now);
      break;
    }
    case event_type::SHUTDOWN:
      state.tasks.shutdown(state.kill_grace, now);
      break;
    default:
      // Nothing for commands in ACKNOWLEDGED, MESSAGE, ERROR, HEARTBEAT.
      break;
  }
  act(self);
}

} // namespace

command_executor_actor::behavior_type
command_executor(command_executor_self self, agent_actor agent,
                 containerizer_actor containers,
                 std::chrono::milliseconds kill_grace) {
  self->state.agent = caf::actor_cast<caf::actor_addr>(agent);
  self->state.containers = std::move(containers);
  self->state.kill_grace = kill_grace;
  return {
    [self](const v1::executor::Event& event) {
      handle(self, event);
    },
    [self](task_place& where) {
      self->state.tasks.place(std::move(where));
    },
    [self](const container_events& news) {
      for (auto& event : news.events)
        self->state.tasks.container_changed(event, self->clock().now());
      act(self);
    },
    [self](caf::tick_atom) {
      self->state.tick_at.reset();
      self->state.tasks.due(self->clock().now());
      act(self);
    },
  };
}

} // namespace agora
