// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/agent_state.hpp"
#include "actors/agent/attachment.hpp"
#include "actors/agent/checkpoint/checkpoint_failure.hpp"
#include "actors/agent/executor_contract.hpp"
#include "actors/agent/run_tasks.hpp"
#include "actors/agent/start_tasks.hpp"
#include "actors/agent/status_stream/status_stream_actor.hpp"
#include "actors/executor/command_executor_actor.hpp"
#include "actors/session/session_actor.hpp"
#include "runtime/base/check.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace agora {

namespace {

/// Ends one of the actors under the agent, without being ended with it.
template <class Handle>
void stop_child(agent_ptr self, const Handle& child) {
  self->unlink_from(child.address());
  self->send_exit(child, caf::exit_reason::user_shutdown);
}

status_stream_actor stream_of(agent_ptr self, const framework_id& framework) {
  auto& state = self->state;
  auto found = state.streams.find(framework);
  if (found != state.streams.end())
    return found->second;
  auto& options = state.books->options;
  status_stream_options with{framework,
                             {options.timeouts.status_retry_first,
                              options.timeouts.status_retry_last,
                              options.limits.pending_statuses_per_task},
                             state.books->keys,
                             {},
                             options.timeouts.checkpoint};
  if (auto old = state.recovered.extract(framework))
    with.recovered = std::move(old.mapped());
  auto stream
    = self->spawn<caf::linked>(status_stream_behavior, std::move(with),
                               state.seams.writer, agent_actor{self});
  if (state.attached || state.disowned)
    self->send(stream,
               stream_attached{true, orphans_of(*state.books)[framework]});
  state.streams.emplace(framework, stream);
  return stream;
}

/// Performs one effect after the other. The order among what goes to one
/// receiver is kept; what is gathered leaves with the flush.
struct performer {
  agent_ptr self;
  agent_state& state;

  void operator()(tell_master& what) {
    // Before the master has answered the attach, it waits for that.
    if (state.master != 0)
      state.outbox.add(std::move(what.message));
  }

  void operator()(record_status& what) {
    state.statuses[what.framework].push_back(std::move(what.status));
  }

  void operator()(acknowledge_status& what) {
    state.acknowledgements[what.framework].push_back(std::move(what.update));
  }

  void operator()(release_status& what) {
    self->send(stream_of(self, what.task.framework),
               stream_release{what.task.task});
  }

  void operator()(tell_executor& what) {
    auto built_in = state.executors.find(what.executor);
    if (built_in != state.executors.end()) {
      self->send(built_in->second, std::move(what.event));
      return;
    }
    auto executor = state.books->executors.find(what.executor);
    if (executor != nullptr && executor->session != 0)
      *state.events[executor->session].add_events() = std::move(what.event);
  }

  void operator()(place_task& what) {
    self->send(state.executors.at(what.executor), std::move(what.place));
  }

  void operator()(spawn_executor& what) {
    auto executor = state.books->executors.find(what.executor);
    AGORA_CHECK(executor != nullptr);
    auto handle = self->spawn<caf::linked>(
      command_executor, agent_actor{self}, state.containers,
      state.books->options.timeouts.kill_grace);
    self->send(handle, subscribed_event(*state.books, *executor));
    state.executors.emplace(what.executor, std::move(handle));
  }

  void operator()(stop_executor& what) {
    auto found = state.executors.find(what.executor);
    if (found == state.executors.end())
      return;
    stop_child(self, found->second);
    state.executors.erase(found);
  }

  void operator()(start_process& what) {
    self->send(state.containers, std::move(what.what),
               container_owner_actor{self});
  }

  void operator()(reattach_process& what) {
    self->send(state.containers, std::move(what.what),
               container_owner_actor{self});
  }

  void operator()(signal_process& what) {
    self->send(state.containers, std::move(what.what));
  }

  void operator()(forget_containers& what) {
    self->send(state.containers, std::move(what.what));
  }

  void operator()(know_containers& what) {
    self->send(state.containers, std::move(what.what));
  }

  void operator()(close_session& what) {
    close_peer(self, what.session, std::move(what.reason));
  }

  void operator()(start_tasks& what) {
    agent_effects effects;
    start_stored_tasks(*state.books, what.tasks, now_of(self), effects);
    perform(self, std::move(effects));
  }

  void operator()(drop_framework& what) {
    auto found = state.streams.find(what.framework);
    if (found == state.streams.end())
      return;
    stop_child(self, found->second);
    state.streams.erase(found);
  }

  void operator()(dial_masters&) {
    spdlog::info("agent up uid={} agent={} incarnation={} tasks={}",
                 state.books->identity.uid(), state.books->identity.agent_id(),
                 state.books->identity.incarnation(),
                 state.books->tasks.size());
    state.connectors
      = state.seams.connect(agent_actor{self}, make_introduction(*state.books));
  }
};

void store_pending(agent_ptr self, agent_effects pending) {
  auto patience = self->state.books->options.timeouts.checkpoint;
  self->request(self->state.seams.writer, patience, std::move(pending.batch))
    .then(
      [self, stored = std::move(pending.stored)](caf::ok_atom) mutable {
        agent_effects next;
        next.now = std::move(stored);
        perform(self, std::move(next));
      },
      [self, patience](caf::error& reason) {
        auto why = checkpoint_failure(std::move(reason), patience);
        spdlog::error("agent cannot store its checkpoints reason={}",
                      describe(why));
        self->quit(std::move(why));
      });
}

} // namespace

moment now_of(agent_ptr self) {
  return {self->clock().now(), self->state.seams.clock()};
}

void perform(agent_ptr self, agent_effects effects) {
  performer perform_one{self, self->state};
  for (auto& effect : effects.now)
    std::visit(perform_one, effect);
  effects.now.clear();
  if (effects.needs_store())
    self->state.pending.append(std::move(effects));
  need_flush(self);
  schedule_agent_tick(self);
}

void need_flush(agent_ptr self) {
  if (!std::exchange(self->state.flush_sent, true))
    self->send(self, caf::flush_atom::value);
}

void flush_agent(agent_ptr self) {
  auto& state = self->state;
  state.flush_sent = false;
  // The checkpoints go before the statuses that build on them.
  if (state.pending.needs_store())
    store_pending(self, std::exchange(state.pending, {}));
  for (auto& [framework, statuses] : std::exchange(state.statuses, {}))
    self->send(stream_of(self, framework), stream_record{std::move(statuses)});
  for (auto& [framework, updates] : std::exchange(state.acknowledgements, {}))
    self->send(stream_of(self, framework),
               stream_acknowledge{std::move(updates)});
  for (auto& [number, body] : std::exchange(state.events, {})) {
    auto peer = state.peers.find(number);
    if (peer != state.peers.end())
      send_body(self, peer->second, body);
  }
  if (state.attached && state.master_session)
    for (auto& body : state.outbox.take())
      send_body(self, state.master_session, body);
}

void schedule_agent_tick(agent_ptr self) {
  auto& state = self->state;
  auto earliest = state.books->executors.next_deadline();
  auto consider = [&](const auto& other) {
    if (other && (!earliest || *other < *earliest))
      earliest = other;
  };
  consider(state.attach_deadline);
  consider(state.refused_until);
  consider(state.leaders.complaint_due());
  for (auto& [number, until] : state.outdated)
    consider(std::optional{until});
  if (!earliest || (state.tick_at && *state.tick_at <= *earliest))
    return;
  state.tick_at = earliest;
  self->scheduled_send(self, *earliest, caf::tick_atom::value);
}

void attach_streams(agent_ptr self) {
  auto& state = self->state;
  auto held = orphans_of(*state.books);
  auto taken = state.attached || state.disowned;
  for (auto& [framework, stream] : state.streams)
    self->send(stream, stream_attached{taken, held[framework]});
  if (!taken)
    return;
  // Streams of frameworks to which nothing has happened since the restart;
  // each is told when it is started.
  std::vector<framework_id> unstarted;
  for (auto& [framework, records] : state.recovered)
    unstarted.push_back(framework);
  for (auto& framework : unstarted)
    stream_of(self, framework);
}

void close_peer(agent_ptr self, session_number number, status reason) {
  auto found = self->state.peers.find(number);
  if (found != self->state.peers.end())
    self->send(found->second, session_close{std::move(reason)});
}

} // namespace agora
