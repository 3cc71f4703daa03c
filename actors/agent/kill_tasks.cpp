// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/kill_tasks.hpp"

#include "actors/agent/executor_contract.hpp"
#include "actors/agent/run_tasks.hpp"
#include "actors/executor/command_task_machine.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace agora {

namespace {

std::optional<int64_t> grace_of(const v1::KillPolicy& policy) {
  if (!policy.has_grace_period() || policy.grace_period().nanoseconds() < 0)
    return std::nullopt;
  return std::min(policy.grace_period().nanoseconds(),
                  std::chrono::nanoseconds{longest_grace}.count());
}

void store_task(agent_books& books, const held_task& task, agent_effects& out) {
  out.batch.put(books.keys.task(task.key),
                task.to_checkpoint().SerializeAsString());
}

void ask_kill(agent_books& books, held_task& task, int64_t grace_ns, moment now,
              agent_effects& out) {
  auto again = task.kill_requested_ns != 0;
  // A second kill may shorten the grace period, but never begins it anew.
  task.kill_grace_ns
    = again ? std::min(task.kill_grace_ns, grace_ns) : grace_ns;
  if (!again)
    task.kill_requested_ns = to_nanoseconds(now.wall);
  if (task.phase == task_phase::waiting) {
    kill_undelivered(books, task, now, out);
    return;
  }
  store_task(books, task, out);
  if (task.phase == task_phase::storing)
    return;
  auto executor = books.executors.find(task.executor);
  if (executor != nullptr && executor->reachable())
    out.now.push_back(tell_executor{executor->key, kill_event(task, now)});
}

} // namespace

bool kill_task(agent_books& books, const session::KillTask& request, moment now,
               agent_effects& out) {
  task_key key{id_of<framework_id>(request.framework_id()),
               id_of<task_id>(request.task_id())};
  if (postpone_kill(books, request))
    return true;
  auto task = books.tasks.find(key);
  if (task == nullptr)
    return false;
  end_task(books, *task, request.kill_policy(), now, out);
  return true;
}

void end_task(agent_books& books, held_task& task, const v1::KillPolicy& policy,
              moment now, agent_effects& out) {
  if (task.orphan) {
    task.orphan = false;
    out.now.push_back(release_status{task.key});
  }
  if (task.ended())
    return;
  auto grace = grace_of(policy);
  if (!grace)
    grace = grace_of(task.info.kill_policy());
  if (!grace)
    grace = std::chrono::nanoseconds{books.options.timeouts.kill_grace}.count();
  auto executor = books.executors.find(task.executor);
  auto alone = task.group == 0
               || (task.phase == task_phase::launched && executor != nullptr
                   && !executor->built_in());
  if (alone) {
    ask_kill(books, task, *grace, now, out);
    return;
  }
  // A group starts as a whole or not at all, and ends so under the built-in
  // executor: what a custom one does with the others is its own affair.
  for (auto sibling : books.tasks.of_executor(task.executor))
    if (sibling->group == task.group && !sibling->ended())
      ask_kill(books, *sibling, *grace, now, out);
}

void kill_undelivered(agent_books& books, held_task& task, moment now,
                      agent_effects& out) {
  books.record(
    task,
    books.make_status(task, v1::TASK_KILLED,
                      v1::TaskStatus::REASON_TASK_KILLED_DURING_LAUNCH,
                      "killed before its executor got it", now),
    out);
}

void kill_siblings(agent_books& books, const held_task& ended, moment now,
                   agent_effects& out) {
  if (ended.group == 0 || ended.latest.state() == v1::TASK_FINISHED)
    return;
  for (auto sibling : books.tasks.of_executor(ended.executor)) {
    if (sibling->group != ended.group || sibling->ended()
        || sibling->kill_requested_ns != 0)
      continue;
    sibling->kill_requested_ns = to_nanoseconds(now.wall);
    sibling->kill_grace_ns = std::chrono::nanoseconds{group_kill_grace}.count();
    store_task(books, *sibling, out);
  }
}

v1::executor::Event kill_event(const held_task& task, moment now) {
  v1::executor::Event event;
  event.set_type(v1::executor::Event::KILL);
  auto kill = event.mutable_kill();
  *kill->mutable_task_id() = task.info.task_id();
  auto passed = to_nanoseconds(now.wall) - task.kill_requested_ns;
  auto left
    = std::clamp(task.kill_grace_ns - passed, int64_t{0}, task.kill_grace_ns);
  kill->mutable_kill_policy()->mutable_grace_period()->set_nanoseconds(left);
  return event;
}

void begin_end(const agent_books& books, held_executor& executor, moment now) {
  auto grace = shutdown_grace(books, executor);
  auto passed = std::chrono::nanoseconds{to_nanoseconds(now.wall)
                                         - executor.shutdown_requested_ns};
  auto left = std::clamp(grace - passed, std::chrono::nanoseconds{0}, grace);
  executor.phase = executor_phase::ending;
  executor.end_text = "the executor was shut down";
  executor.deadline
    = now.steady
      + std::chrono::duration_cast<std::chrono::steady_clock::duration>(left);
}

bool shutdown_executor(agent_books& books, const executor_key& key, moment now,
                       agent_effects& out) {
  auto executor = books.executors.find(key);
  if (executor == nullptr)
    return false;
  for (auto task : books.tasks.of_executor(key)) {
    if (task->ended() || task->kill_requested_ns != 0)
      continue;
    task->kill_requested_ns = to_nanoseconds(now.wall);
    task->kill_grace_ns = shutdown_grace(books, *executor).count();
    if (task->phase == task_phase::waiting)
      kill_undelivered(books, *task, now, out);
    else
      store_task(books, *task, out);
  }
  v1::executor::Event event;
  event.set_type(v1::executor::Event::SHUTDOWN);
  if (executor->built_in()) {
    if (executor->asked)
      out.now.push_back(tell_executor{key, std::move(event)});
    return true;
  }
  if (executor->phase == executor_phase::ending
      || executor->phase == executor_phase::draining)
    return true;
  if (executor->reachable())
    out.now.push_back(tell_executor{key, std::move(event)});
  else
    out.now.push_back(
      signal_process{{executor->container, kill_mode::terminate}});
  executor->shutdown_requested_ns = to_nanoseconds(now.wall);
  out.batch.put(books.keys.executor(key),
                executor->to_checkpoint().SerializeAsString());
  begin_end(books, *executor, now);
  return true;
}

void shutdown_framework(agent_books& books, const framework_id& framework,
                        moment now, agent_effects& out) {
  books.postponed.drop_framework(framework);
  for (auto& key : books.executors.of_framework(framework))
    shutdown_executor(books, key, now, out);
}

void end_everything(agent_books& books, moment now, agent_effects& out) {
  books.postponed.clear();
  books.tasks.for_each([&](held_task& task) {
    if (std::exchange(task.orphan, false))
      out.now.push_back(release_status{task.key});
  });
  std::vector<executor_key> running;
  for (auto& [key, executor] : books.executors.all())
    running.push_back(key);
  for (auto& key : running)
    shutdown_executor(books, key, now, out);
}

} // namespace agora
