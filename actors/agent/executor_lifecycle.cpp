// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/executor_lifecycle.hpp"

#include "actors/agent/executor_contract.hpp"
#include "actors/agent/kill_tasks.hpp"
#include "actors/agent/run_tasks.hpp"
#include "actors/agent/start_tasks.hpp"
#include "actors/agent/task_statuses.hpp"

#include <algorithm>
#include <set>
#include <type_traits>
#include <utility>

namespace agora {

namespace {

/// Leaves after the confirmations of all tasks that the executor had got: the
/// log lets only an executor without unconfirmed tasks end, since a task that
/// is on its way here starts it anew.
void tell_ended(const held_executor& executor, agent_effects& out) {
  session::AgentMessage message;
  auto ended = message.mutable_executor_ended();
  ended->mutable_framework_id()->set_value(executor.key.framework.text());
  ended->mutable_executor_id()->set_value(executor.key.executor.text());
  ended->set_status(executor.wait_status);
  ended->set_message(executor.end_text);
  out.stored.push_back(tell_master{std::move(message)});
}

/// Its process is over, and its last words have come: its tasks end with it.
void executor_over(agent_books& books, const executor_key& key, moment now,
                   agent_effects& out) {
  auto executor = books.executors.find(key);
  auto text
    = executor->end_text.empty() ? "the executor ended" : executor->end_text;
  for (auto task : books.tasks.of_executor(key)) {
    if (task->ended() || task->phase == task_phase::storing)
      continue;
    auto killed = task->kill_requested_ns != 0;
    books.record(*task,
                 books.make_status(*task,
                                   killed ? v1::TASK_KILLED : v1::TASK_FAILED,
                                   executor->end_reason, text, now),
                 out);
  }
  tell_ended(*executor, out);
  if (executor->session != 0)
    out.now.push_back(close_session{
      executor->session, fail(errc::shutting_down, "the executor has ended")});
  out.batch.erase(books.keys.executor(key));
  out.stored.push_back(
    forget_containers{containers_forget{{executor->container}, {}}});
  books.executors.erase(key);
  books.drop_if_unused(key.framework, out);
}

void kill_process(held_executor& executor, agent_effects& out) {
  out.now.push_back(signal_process{{executor.container, kill_mode::kill}});
  executor.phase = executor_phase::ending;
  executor.deadline.reset();
}

/// The LAUNCH of these was lost: the executor does not know them.
void launch_again(agent_books& books, const executor_key& key,
                  const v1::executor::Call::Subscribe& claim, moment now,
                  agent_effects& out) {
  std::set<std::string> known;
  for (auto& task : claim.unacknowledged_tasks())
    known.insert(task.task_id().value());
  for (auto task : books.tasks.of_executor(key))
    if (task->phase == task_phase::launched
        && task->latest.state() == v1::TASK_STAGING
        && !known.contains(task->key.task.text())) {
      task->phase = task_phase::waiting;
      if (task->kill_requested_ns != 0)
        kill_undelivered(books, *task, now, out);
    }
}

/// The agent process before this one has stored the executor and not started
/// it: this one does, in a new container, since the old one's key is used up.
/// @returns false if no task needs the executor any more.
bool start_anew(agent_books& books, held_executor& executor, moment now,
                agent_effects& out) {
  auto needed = false;
  for (auto task : books.tasks.of_executor(executor.key)) {
    if (task->ended())
      continue;
    if (task->phase != task_phase::storing && task->kill_requested_ns != 0)
      kill_undelivered(books, *task, now, out);
    else
      needed = true;
  }
  if (!needed)
    return false;
  auto& key = executor.key;
  out.stored.push_back(
    forget_containers{containers_forget{{executor.container}, {}}});
  executor.container = books.next_container();
  executor.sandbox = sandbox_path(books, key.framework, key.executor.text(),
                                  executor.container);
  executor.recovered = false;
  executor.deadline.reset();
  out.batch.put(books.keys.executor(key),
                executor.to_checkpoint().SerializeAsString());
  for (auto task : books.tasks.of_executor(key)) {
    if (task->ended())
      continue;
    if (task->phase == task_phase::launched)
      task->phase = task_phase::waiting;
    task->container = executor.container;
    task->sandbox = executor.sandbox;
    out.batch.put(books.keys.task(task->key),
                  task->to_checkpoint().SerializeAsString());
  }
  out.stored.push_back(start_process{executor_process(books, executor)});
  return true;
}

} // namespace

status executor_subscribed(agent_books& books, session_number session,
                           v1::executor::Call& call, moment now,
                           agent_effects& out) {
  executor_key key{id_of<framework_id>(call.framework_id()),
                   id_of<executor_id>(call.executor_id())};
  auto executor = books.executors.find(key);
  if (executor == nullptr || executor->built_in())
    return fail(errc::not_found, "this agent runs no executor '"
                                   + key.executor.text() + "' of framework '"
                                   + key.framework.text() + "'");
  // Its last words are welcome.
  auto shut_down = executor->phase == executor_phase::ending
                   && executor->shutdown_requested_ns != 0;
  if ((executor->phase == executor_phase::ending && !shut_down)
      || executor->phase == executor_phase::draining)
    return fail(errc::conflict,
                "executor '" + key.executor.text() + "' is to end");
  if (executor->session != 0 && executor->session != session)
    out.now.push_back(
      close_session{executor->session,
                    fail(errc::conflict, "the executor has subscribed again")});
  executor->session = session;
  if (!shut_down) {
    executor->phase = executor_phase::subscribed;
    executor->deadline.reset();
  }
  out.now.push_back(tell_executor{key, subscribed_event(books, *executor)});
  auto& claim = *call.mutable_subscribe();
  for (auto& update : *claim.mutable_unacknowledged_updates())
    take_update(books, key, std::move(*update.mutable_status()), now, out);
  if (shut_down) {
    v1::executor::Event event;
    event.set_type(v1::executor::Event::SHUTDOWN);
    out.now.push_back(tell_executor{key, std::move(event)});
    return {};
  }
  launch_again(books, key, claim, now, out);
  for (auto task : books.tasks.of_executor(key))
    if (task->phase == task_phase::launched && !task->ended()
        && task->kill_requested_ns != 0)
      out.now.push_back(tell_executor{key, kill_event(*task, now)});
  launch_waiting(books, *executor, out);
  return {};
}

void executor_session_lost(agent_books& books, session_number session,
                           moment now, agent_effects& out) {
  auto executor = books.executors.by_session(session);
  if (executor == nullptr)
    return;
  executor->session = 0;
  if (executor->phase == executor_phase::draining) {
    auto key = executor->key;
    executor_over(books, key, now, out);
  } else if (executor->phase == executor_phase::subscribed) {
    executor->phase = executor_phase::disconnected;
    executor->deadline
      = now.steady + books.options.timeouts.executor_registration;
  }
}

void executor_process_changed(agent_books& books, const container_event& what,
                              moment now, agent_effects& out) {
  std::visit(
    [&](auto& event) {
      using event_type = std::decay_t<decltype(event)>;
      auto executor = books.executors.by_container(event.container);
      if (executor == nullptr)
        return;
      if constexpr (std::is_same_v<event_type, container_started>) {
        if (executor->phase == executor_phase::starting && !event.reattached)
          executor->deadline
            = now.steady + books.options.timeouts.executor_registration;
      } else if constexpr (std::is_same_v<event_type, container_failed>) {
        if (event.never_started && !event.cancelled
            && executor->phase == executor_phase::starting
            && start_anew(books, *executor, now, out))
          return;
        executor->wait_status = -1;
        if (executor->end_text.empty())
          executor->end_text = event.text;
        if (!event.cancelled && !event.never_started)
          executor->end_reason = v1::TaskStatus::REASON_CONTAINER_LAUNCH_FAILED;
        auto key = executor->key;
        executor_over(books, key, now, out);
      } else {
        executor->wait_status = wait_status_of(event.status);
        auto how = "the executor " + to_string(event.status);
        executor->end_text
          = executor->end_text.empty() ? how : executor->end_text + "; " + how;
        executor->phase = executor_phase::draining;
        executor->deadline = now.steady + books.options.timeouts.executor_drain;
        if (executor->session == 0) {
          auto key = executor->key;
          executor_over(books, key, now, out);
        }
      }
    },
    what);
}

void executors_due(agent_books& books, moment now, agent_effects& out) {
  for (auto& key : books.executors.due(now.steady)) {
    auto& executor = *books.executors.find(key);
    switch (executor.phase) {
      case executor_phase::starting:
        executor.end_reason
          = executor.recovered
              ? v1::TaskStatus::REASON_EXECUTOR_REREGISTRATION_TIMEOUT
              : v1::TaskStatus::REASON_EXECUTOR_REGISTRATION_TIMEOUT;
        executor.end_text
          = executor.recovered
              ? "the executor did not come back after the agent's restart"
              : "the executor did not register in time";
        kill_process(executor, out);
        break;
      case executor_phase::disconnected:
        executor.end_reason
          = v1::TaskStatus::REASON_EXECUTOR_REREGISTRATION_TIMEOUT;
        executor.end_text = "the executor lost its agent and did not return";
        kill_process(executor, out);
        break;
      case executor_phase::ending:
        if (executor.asked)
          kill_process(executor, out);
        else
          executor_over(books, key, now, out);
        break;
      case executor_phase::draining:
        executor_over(books, key, now, out);
        break;
      case executor_phase::subscribed:
        executor.deadline.reset();
        break;
    }
  }
}

void end_group_executor(agent_books& books, const executor_key& key,
                        agent_effects& out) {
  auto tasks = books.tasks.of_executor(key);
  auto busy = std::any_of(tasks.begin(), tasks.end(), [](auto task) {
    return !task->ended();
  });
  auto executor = books.executors.find(key);
  if (busy || executor == nullptr)
    return;
  executor->end_text = "all its tasks have ended";
  tell_ended(*executor, out);
  if (executor->asked)
    out.now.push_back(stop_executor{key});
  out.batch.erase(books.keys.executor(key));
  books.executors.erase(key);
}

void end_unneeded_executor(agent_books& books, const executor_key& key,
                           moment now, agent_effects& out) {
  auto executor = books.executors.find(key);
  if (executor == nullptr || executor->built_in() || executor->asked)
    return;
  auto tasks = books.tasks.of_executor(key);
  if (std::any_of(tasks.begin(), tasks.end(), [](auto task) {
        return !task->ended();
      }))
    return;
  executor->wait_status = -1;
  executor->end_text = "no task needs it any more";
  executor_over(books, key, now, out);
}

void tell_absent(const agent_books& books, const executor_key& key,
                 agent_effects& out) {
  if (books.executors.find(key) != nullptr)
    return;
  held_executor never;
  never.key = key;
  never.wait_status = -1;
  never.end_text = "it was not started";
  tell_ended(never, out);
}

int32_t wait_status_of(const exit_status& how) {
  switch (how.how) {
    case exit_status::kind::exited:
      return how.code * 256;
    case exit_status::kind::signaled:
      return how.signal + (how.core_dumped ? 128 : 0);
    default:
      return -1;
  }
}

} // namespace agora
