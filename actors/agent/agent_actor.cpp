// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/agent_actor.hpp"

#include "actors/agent/agent_masters.hpp"
#include "actors/agent/attachment.hpp"
#include "actors/agent/containerizer/containerizer_actor.hpp"
#include "actors/agent/containerizer/sandbox_keeper_actor.hpp"
#include "actors/agent/executor_lifecycle.hpp"
#include "actors/agent/kill_tasks.hpp"
#include "actors/agent/recovery.hpp"
#include "actors/agent/run_tasks.hpp"
#include "actors/agent/task_statuses.hpp"
#include "actors/session/session_actor.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace agora {

namespace {

/// Runs a decision and performs its effects.
template <class Decision>
void decide(agent_ptr self, Decision&& decision) {
  agent_effects effects;
  decision(*self->state.books, now_of(self), effects);
  perform(self, std::move(effects));
}

// -- the master ---------------------------------------------------------------

void attached(agent_ptr self, const session::AgentAttached& answer) {
  auto& state = self->state;
  agent_effects effects;
  if (auto err = take_attached(*state.books, answer, effects)) {
    spdlog::error("master refused by this agent reason={}; its tasks are left "
                  "as they are",
                  describe(err));
    give_up_later(self);
    return;
  }
  spdlog::info("agent attached agent={} cluster={} epoch={}.{} orphans={}",
               state.books->identity.agent_id(), answer.cluster_id(),
               answer.epoch().generation(), answer.epoch().term(),
               answer.orphans_size());
  // It may have led anew since it said so the last time.
  if (auto now_with = epoch_of(answer.epoch()); now_with > state.master_epoch) {
    state.master_epoch = now_with;
    state.leaders.said(state.master, true, now_with, self->clock().now());
  }
  state.attached = true;
  state.disowned = false;
  state.refusal.clear();
  state.attach_deadline.reset();
  for (auto& connector : state.connectors)
    self->send(connector, make_introduction(*state.books));
  attach_streams(self);
  perform(self, std::move(effects));
}

/// The cluster has written this agent off, and told its frameworks that their
/// tasks are over: they must not run on.
void disowned(agent_ptr self) {
  auto& state = self->state;
  if (std::exchange(state.disowned, true))
    return; // It is refused again and again.
  spdlog::warn("agent marked gone by an operator: it ends what it holds "
               "agent={} tasks={}",
               state.books->identity.agent_id(), state.books->tasks.size());
  decide(self, [](agent_books& books, moment now, agent_effects& out) {
    end_everything(books, now, out);
  });
  attach_streams(self);
}

void refused(agent_ptr self, const session::AgentRefused& why) {
  auto gone = why.code() == to_string(errc::agent_gone);
  // It asks again for as long as it runs.
  auto news = std::exchange(self->state.refusal, why.text()) != why.text();
  spdlog::log(news ? spdlog::level::err : spdlog::level::debug,
              "agent refused by the master code={} text=\"{}\"{}", why.code(),
              why.text(), gone ? "" : "; its tasks are left as they are");
  if (gone)
    disowned(self);
  give_up_later(self);
}

/// Nobody waits to hear of a disowned agent's tasks: what they report counts
/// as acknowledged.
void acknowledge_all(agent_ptr self,
                     const std::vector<session::TaskStatusEntry>& entries) {
  decide(self, [&](agent_books& books, moment, agent_effects& out) {
    for (auto& entry : entries) {
      task_key key{id_of<framework_id>(entry.framework_id()),
                   id_of<task_id>(entry.status().task_id())};
      settle_task(books, key, entry.status().uuid());
      out.now.push_back(
        acknowledge_status{key.framework, {key.task, entry.status().uuid()}});
    }
  });
}

void message_for_executor(agent_ptr self, session::FrameworkMessage& what) {
  auto& state = self->state;
  executor_key key{id_of<framework_id>(what.framework_id()),
                   id_of<executor_id>(what.executor_id())};
  auto executor = state.books->executors.find(key);
  if (executor == nullptr || executor->session == 0
      || what.data().size()
           > state.books->options.limits.framework_message_bytes) {
    spdlog::debug("framework message dropped framework={} executor={}",
                  key.framework.text(), key.executor.text());
    return;
  }
  v1::executor::Event event;
  event.set_type(v1::executor::Event::MESSAGE);
  *event.mutable_message()->mutable_data() = std::move(*what.mutable_data());
  agent_effects effects;
  effects.now.push_back(tell_executor{key, std::move(event)});
  perform(self, std::move(effects));
}

void handle_master(agent_ptr self, session::MasterMessage& what) {
  using message = session::MasterMessage;
  auto& state = self->state;
  auto code = what.message_case();
  if (code == message::kAttached && !state.attached) {
    attached(self, what.attached());
    return;
  }
  if (code == message::kRefused) {
    refused(self, what.refused());
    return;
  }
  if (!state.attached) {
    spdlog::warn("message of a master ignored: not attached type={}",
                 static_cast<int>(code));
    return;
  }
  decide(self, [&](agent_books& books, moment now, agent_effects& out) {
    switch (code) {
      case message::kRunTasks:
        if (auto lost
            = accept_run_tasks(books, *what.mutable_run_tasks(), now, out))
          spdlog::error("tasks without a usable id ignored count={}", lost);
        break;
      case message::kKillTask:
        if (!kill_task(books, what.kill_task(), now, out))
          spdlog::debug("kill of an unknown task ignored task={}",
                        what.kill_task().task_id().value());
        break;
      case message::kAcknowledge: {
        auto& done = what.acknowledge();
        task_key key{id_of<framework_id>(done.framework_id()),
                     id_of<task_id>(done.task_id())};
        settle_task(books, key, done.uuid());
        out.now.push_back(
          acknowledge_status{key.framework, {key.task, done.uuid()}});
        break;
      }
      case message::kShutdownFramework:
        shutdown_framework(
          books, id_of<framework_id>(what.shutdown_framework().framework_id()),
          now, out);
        break;
      case message::kShutdownExecutor:
        shutdown_executor(
          books,
          {id_of<framework_id>(what.shutdown_executor().framework_id()),
           id_of<executor_id>(what.shutdown_executor().executor_id())},
          now, out);
        break;
      case message::kAdoptTask:
        adopt_task(books, what.adopt_task(), out);
        break;
      default:
        break;
    }
  });
  if (code == message::kFrameworkMessage)
    message_for_executor(self, *what.mutable_framework_message());
}

// -- executors ----------------------------------------------------------------

void message_for_framework(agent_ptr self, const executor_key& from,
                           v1::executor::Call& call) {
  auto& data = *call.mutable_message()->mutable_data();
  if (data.size() > self->state.books->options.limits.framework_message_bytes)
    return;
  session::AgentMessage message;
  auto out = message.mutable_framework_message();
  out->mutable_framework_id()->set_value(from.framework.text());
  out->mutable_executor_id()->set_value(from.executor.text());
  *out->mutable_data() = std::move(data);
  agent_effects effects;
  effects.now.push_back(tell_master{std::move(message)});
  perform(self, std::move(effects));
}

void handle_executor(agent_ptr self, session_number number,
                     v1::executor::Call& call) {
  auto& state = self->state;
  if (call.type() == v1::executor::Call::SUBSCRIBE) {
    decide(self, [&](agent_books& books, moment now, agent_effects& out) {
      auto err = executor_subscribed(books, number, call, now, out);
      if (!err)
        return;
      spdlog::warn("executor refused reason={}", describe(err));
      out.now.push_back(close_session{number, std::move(err)});
    });
    return;
  }
  auto executor = state.books->executors.by_session(number);
  if (executor == nullptr) {
    close_peer(self, number,
               fail(errc::conflict, "the executor must subscribe first"));
    return;
  }
  auto key = executor->key;
  if (call.type() == v1::executor::Call::MESSAGE)
    message_for_framework(self, key, call);
  else if (call.type() == v1::executor::Call::UPDATE)
    decide(self, [&](agent_books& books, moment now, agent_effects& out) {
      take_update(books, key,
                  std::move(*call.mutable_update()->mutable_status()), now,
                  out);
    });
}

// -- sessions -----------------------------------------------------------------

void session_opened(agent_ptr self, const session_up& news,
                    const session_actor& session) {
  auto& state = self->state;
  if (news.kind == session::AGENT) {
    master_up(self, news, session);
    return;
  }
  if (state.peers.size() >= state.books->options.limits.sessions) {
    self->send(session,
               session_close{fail(errc::limit_reached,
                                  "this agent has too many sessions")});
    return;
  }
  state.peers.emplace(news.number, session);
}

void session_closed(agent_ptr self, const session_down& news) {
  auto& state = self->state;
  if (state.masters.contains(news.number)) {
    master_down(self, news);
    return;
  }
  state.peers.erase(news.number);
  state.events.erase(news.number);
  decide(self, [&](agent_books& books, moment now, agent_effects& out) {
    executor_session_lost(books, news.number, now, out);
  });
}

void tick(agent_ptr self) {
  auto& state = self->state;
  state.tick_at.reset();
  masters_due(self);
  decide(self, [](agent_books& books, moment at, agent_effects& out) {
    executors_due(books, at, out);
  });
}

void settle(agent_ptr self, const stream_report& news) {
  auto& state = self->state;
  for (auto& id : news.settled) {
    task_key key{news.framework, id};
    auto task = state.books->tasks.find(key);
    if (task != nullptr && !task->sandbox.empty())
      state.ended.add(key, task->sandbox);
  }
  decide(self, [&](agent_books& books, moment now, agent_effects& out) {
    statuses_durable(books, news.framework, news.durable, out);
    tasks_settled(books, news.framework, news.settled, now, out);
  });
}

void stop(agent_ptr self, const agent_stop& why) {
  auto& state = self->state;
  spdlog::info("agent stops reason=\"{}\" tasks={}", why.reason,
               state.books->tasks.size());
  if (state.attached && state.master_session) {
    session::AgentToMaster body;
    body.add_messages()->mutable_detach()->set_reason(why.reason);
    send_body(self, state.master_session, body);
  }
  // Not the normal reason, which linked actors ignore: its children end too.
  self->quit(caf::exit_reason::user_shutdown);
}

void spawn_children(agent_ptr self) {
  auto& state = self->state;
  auto& options = state.books->options;
  auto keeper = [&] {
    return state.seams.file_threads
             ? self->spawn<caf::linked + caf::detached>(sandbox_keeper,
                                                        state.seams.files)
             : self->spawn<caf::linked>(sandbox_keeper, state.seams.files);
  };
  containerizer_options with;
  with.work_dir = options.work_dir;
  with.gc = options.gc;
  with.own_user = state.seams.own_user;
  with.clock = state.seams.clock;
  auto preparer = keeper();
  state.containers = self->spawn<caf::linked>(
    containerizer, std::move(with), state.seams.make_launcher, preparer,
    state.seams.file_threads ? keeper() : preparer);
}

} // namespace

agent_actor::behavior_type agent(agent_ptr self, agent_options options,
                                 agent_seams seams, agent_checkpoint stored,
                                 const std::string& random) {
  auto& state = self->state;
  state.outbox = agent_outbox{options.limits.body_bytes};
  state.ended = ended_sandboxes{options.limits.ended_sandboxes};
  state.books
    = std::make_unique<agent_books>(std::move(options), seams.random_bytes());
  state.seams = std::move(seams);
  spawn_children(self);
  for (auto& record : stored.statuses)
    state.recovered[framework_id{record.framework_id()}].push_back(record);
  decide(self, [&](agent_books& books, moment now, agent_effects& out) {
    recover_agent(books, std::move(stored), random, self->state.seams.boot_id,
                  now, out);
  });
  return {
    [self](const session_up& news, const session_actor& session) {
      session_opened(self, news, session);
    },
    [self](const session_down& news) {
      session_closed(self, news);
    },
    [self](const dial_failed& news) {
      master_not_reached(self, news);
    },
    [self](session_number number, session::MasterToAgent& body) {
      for (auto& what : *body.mutable_messages())
        if (what.has_leadership())
          master_said(self, number, what.leadership());
        else if (number == self->state.master)
          handle_master(self, what);
    },
    [self](session_number number, session::ExecutorToAgent& body) {
      for (auto& call : *body.mutable_calls())
        handle_executor(self, number, call);
    },
    [self](session_number number, session::ToolRequests& body) {
      answer_tool(self, number, body);
    },
    [self](v1::executor::Call& call) {
      executor_key key{id_of<framework_id>(call.framework_id()),
                       id_of<executor_id>(call.executor_id())};
      decide(self, [&](agent_books& books, moment now, agent_effects& out) {
        take_update(books, key,
                    std::move(*call.mutable_update()->mutable_status()), now,
                    out);
      });
    },
    [self](const container_events& news) {
      decide(self, [&](agent_books& books, moment now, agent_effects& out) {
        for (auto& event : news.events)
          executor_process_changed(books, event, now, out);
      });
    },
    [self](stream_report& news) {
      if (self->state.disowned)
        acknowledge_all(self, news.entries);
      else if (self->state.attached)
        for (auto& entry : news.entries) {
          name_launch(*self->state.books, entry);
          self->state.outbox.add_status(std::move(entry));
        }
      settle(self, news);
    },
    [self](const agent_stop& why) {
      stop(self, why);
    },
    [self](get_agent_status) {
      auto& now = self->state;
      auto& identity = now.books->identity;
      return agent_status{identity.uid(),
                          now.books->id(),
                          identity.cluster_id(),
                          identity.incarnation(),
                          now.attached,
                          now.books->tasks.size(),
                          now.books->executors.processes()};
    },
    [self](caf::tick_atom) {
      tick(self);
    },
    [self](caf::flush_atom) {
      flush_agent(self);
    },
  };
}

} // namespace agora
