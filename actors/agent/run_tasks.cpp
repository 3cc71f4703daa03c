// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/run_tasks.hpp"

#include "actors/agent/executor_contract.hpp"
#include "actors/agent/executor_lifecycle.hpp"
#include "actors/agent/kill_tasks.hpp"
#include "actors/agent/launch_validator.hpp"
#include "actors/agent/start_tasks.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>

namespace agora {

namespace {

void take_framework(agent_books& books, const v1::FrameworkInfo& info,
                    agent_effects& out) {
  auto id = id_of<framework_id>(info.id());
  auto& known = books.frameworks[id];
  if (known.SerializeAsString() == info.SerializeAsString())
    return;
  known = info;
  checkpoint::FrameworkCheckpoint record;
  *record.mutable_info() = info;
  out.batch.put(books.keys.framework(id), record.SerializeAsString());
}

/// The executor that a launch asks for; with an empty id if it asks for none.
/// @pre It has a task.
executor_key named_executor(const session::TaskLaunch& launch,
                            const framework_id& framework) {
  auto& id = launch.has_group_executor()
               ? launch.group_executor().executor_id()
               : launch.tasks(0).executor().executor_id();
  return {framework, id_of<executor_id>(id)};
}

/// Of launches that were not refused; otherwise as of a command.
executor_key executor_of(const framework_id& framework,
                         const launch_judgement& judged) {
  executor_key key{framework, {}};
  if (judged.executor != nullptr && !judged.refused)
    key.executor = id_of<executor_id>(judged.executor->executor_id());
  return key;
}

/// Refuses a launch that describes an executor other than the one that runs
/// under this id: what it asks for could not be had.
void check_executor(const agent_books& books, const framework_id& framework,
                    launch_judgement& judged) {
  auto key = executor_of(framework, judged);
  auto known = books.executors.find(key);
  if (judged.refused || judged.executor == nullptr || known == nullptr
      || !takes_tasks(*known))
    return;
  auto field = known->kind != judged.kind
                 ? std::string{"type"}
                 : differing_field(known->info, *judged.executor);
  if (field.empty())
    return;
  judged.refused = true;
  judged.text = "executor." + field + " is not that of executor '"
                + key.executor.text()
                + "', which runs on this agent: the ExecutorInfo is not "
                  "compatible with the existing one";
}

/// Finds or makes the executor of a launch.
/// @returns nothing if the one there is takes no tasks any more.
held_executor* take_executor(agent_books& books, const launch_judgement& judged,
                             const executor_key& key, agent_effects& out) {
  if (auto known = books.executors.find(key))
    return takes_tasks(*known) ? known : nullptr;
  held_executor fresh;
  fresh.key = key;
  fresh.kind = judged.kind;
  if (judged.executor)
    fresh.info = *judged.executor;
  fresh.info.mutable_framework_id()->set_value(key.framework.text());
  fresh.info.mutable_executor_id()->set_value(key.executor.text());
  if (fresh.built_in())
    fresh.phase = executor_phase::subscribed;
  if (fresh.kind == executor_kind::custom) {
    fresh.container = books.next_container();
    fresh.sandbox = sandbox_path(books, key.framework, key.executor.text(),
                                 fresh.container);
  }
  if (fresh.kind != executor_kind::command)
    out.batch.put(books.keys.executor(key),
                  fresh.to_checkpoint().SerializeAsString());
  return &books.executors.insert(std::move(fresh));
}

void refuse(agent_books& books, held_task& task, v1::TaskState state,
            v1::TaskStatus::Reason reason, std::string text, moment now) {
  task.refusal = books.make_status(task, state, reason, std::move(text), now);
}

/// Says that these are not taken, and holds nothing of them: there is no room
/// to. Were it lost, the master would send them again.
void turn_away(agent_books& books, const v1::FrameworkInfo& framework,
               const session::TaskLaunch& launch, const std::string& text,
               moment now, agent_effects& out) {
  auto state = dropped_state(
    has_capability(framework, v1::FrameworkInfo::Capability::PARTITION_AWARE));
  auto executor
    = executor_of(id_of<framework_id>(framework.id()), judge_launch(launch));
  session::AgentMessage message;
  for (auto& info : launch.tasks()) {
    held_task task;
    task.key
      = {id_of<framework_id>(framework.id()), id_of<task_id>(info.task_id())};
    task.executor = executor;
    *task.info.mutable_task_id() = info.task_id();
    auto& entry = *message.mutable_statuses()->add_entries();
    entry.mutable_framework_id()->set_value(task.key.framework.text());
    *entry.mutable_status() = books.make_status(
      task, state, v1::TaskStatus::REASON_CONTAINER_LAUNCH_FAILED, text, now);
    entry.set_latest_state(state);
    if (launch.has_launch_id())
      *entry.mutable_launch_id() = launch.launch_id();
  }
  out.now.push_back(tell_master{std::move(message)});
  auto named = named_executor(launch, id_of<framework_id>(framework.id()));
  if (!named.executor.empty())
    tell_absent(books, named, out);
}

/// Why the agent cannot hold these as well; empty if it can.
std::string no_room(const agent_books& books,
                    const std::vector<held_task>& fresh,
                    const executor_key& executor) {
  auto& limits = books.options.limits;
  if (books.tasks.size() + fresh.size() > limits.tasks)
    return "this agent holds " + std::to_string(books.tasks.size())
           + " tasks, and no more than " + std::to_string(limits.tasks);
  held_executor one;
  one.key = executor;
  auto bytes = books.tasks.attach_bytes() + books.executors.attach_bytes()
               + one.attach_bytes();
  for (auto& task : fresh)
    bytes += task.attach_bytes();
  if (bytes > limits.attach_bytes)
    return "to tell a master what this agent holds would take "
           + std::to_string(bytes) + " bytes with it, and may take "
           + std::to_string(limits.attach_bytes);
  return {};
}

/// The tasks of a launch, each once.
std::vector<held_task> tasks_of(const session::TaskLaunch& launch,
                                const executor_key& executor) {
  std::vector<held_task> tasks;
  std::set<std::string> seen;
  for (auto& info : launch.tasks()) {
    if (!seen.insert(info.task_id().value()).second)
      continue; // twice in one group
    auto& task = tasks.emplace_back();
    task.key = {executor.framework, id_of<task_id>(info.task_id())};
    task.launch = launch_id_of(launch.launch_id());
    task.executor = executor;
    task.info = info;
    task.latest.set_state(v1::TASK_STAGING);
  }
  return tasks;
}

/// Where a task of this executor runs; nowhere if it takes none any more.
void place(agent_books& books, held_task& task, const held_executor* executor,
           moment now) {
  auto& key = task.key;
  if (executor == nullptr) {
    refuse(books, task, dropped_state(books, key.framework),
           v1::TaskStatus::REASON_EXECUTOR_TERMINATED,
           "executor '" + task.executor.executor.text() + "' is ending", now);
  } else if (executor->kind == executor_kind::custom) {
    task.container = executor->container;
    task.sandbox = executor->sandbox;
  } else {
    task.container = books.next_container();
    task.sandbox
      = sandbox_path(books, key.framework, key.task.text(), task.container);
  }
}

/// Takes one launch, none of whose tasks is held.
/// @returns false if there is no room for it; then it is answered.
bool take_launch(agent_books& books, const v1::FrameworkInfo& framework,
                 const session::TaskLaunch& launch, moment now,
                 std::vector<task_key>& taken, agent_effects& out) {
  auto id = id_of<framework_id>(framework.id());
  auto judged = judge_launch(launch);
  check_executor(books, id, judged);
  auto key = executor_of(id, judged);
  auto tasks = tasks_of(launch, key);
  if (auto text = no_room(books, tasks, key); !text.empty()) {
    turn_away(books, framework, launch, text, now, out);
    return false;
  }
  take_framework(books, framework, out);
  held_executor* executor = nullptr;
  if (!judged.refused)
    executor = take_executor(books, judged, key, out);
  auto group = launch.has_group_executor() ? books.next_group() : 0;
  for (auto& task : tasks) {
    task.group = group;
    if (judged.refused)
      refuse(books, task, v1::TASK_ERROR, judged.reason, judged.text, now);
    else
      place(books, task, executor, now);
    out.batch.put(books.keys.task(task.key),
                  task.to_checkpoint().SerializeAsString());
    taken.push_back(task.key);
    books.tasks.insert(std::move(task));
  }
  return true;
}

/// What stands in the way of a launch.
enum class launch_standing : uint8_t {
  /// Nothing.
  free,
  /// It was taken before.
  taken,
  /// Older tasks of the same ids, which are to go first.
  blocked,
  /// A task of the same id that only an operator may end.
  orphaned,
};

launch_standing standing_of(const agent_books& books,
                            const framework_id& framework,
                            const session::TaskLaunch& launch) {
  auto id = launch_id_of(launch.launch_id());
  auto standing = launch_standing::free;
  for (auto& info : launch.tasks()) {
    auto old = books.tasks.find({framework, id_of<task_id>(info.task_id())});
    if (old == nullptr)
      continue;
    auto named = !id.empty() && old->launch == id;
    if (named || (may_be_same(old->launch, id) && !old->settling))
      return launch_standing::taken;
    if (old->orphan)
      standing = launch_standing::orphaned;
    else if (standing == launch_standing::free)
      standing = launch_standing::blocked;
  }
  return standing;
}

/// For the log, the task is over: another launch has its id.
void supersede(agent_books& books, held_task& task, moment now,
               agent_effects& out) {
  if (task.settling || std::exchange(task.superseded, true))
    return;
  if (task.ended())
    end_acknowledged(task, out);
  else
    end_task(books, task, {}, now, out);
}

/// Whether this very launch is laid by. Another one that is laid by and has a
/// task of the same id is over.
bool waits_already(agent_books& books, const framework_id& framework,
                   const session::TaskLaunch& launch, moment now,
                   agent_effects& out) {
  for (auto& info : launch.tasks()) {
    task_key key{framework, id_of<task_id>(info.task_id())};
    auto waiting = books.postponed.find(key);
    if (waiting == nullptr)
      continue;
    if (may_be_same(launch_id_of(waiting->launch.launch_id()),
                    launch_id_of(launch.launch_id())))
      return true;
    auto over = books.postponed.take(key);
    turn_away(books, over.framework, over.launch,
              "a task of it was launched anew before it could begin", now, out);
  }
  return false;
}

void postpone(agent_books& books, const v1::FrameworkInfo& framework,
              session::TaskLaunch& launch, moment now, agent_effects& out) {
  auto id = id_of<framework_id>(framework.id());
  for (auto& info : launch.tasks())
    if (auto old = books.tasks.find({id, id_of<task_id>(info.task_id())}))
      supersede(books, *old, now, out);
  auto& limits = books.options.limits;
  auto waiting = books.postponed.tasks();
  if (waiting + static_cast<size_t>(launch.tasks_size())
      > limits.postponed_tasks) {
    turn_away(books, framework, launch,
              "an older task of the same id is still here, and "
                + std::to_string(waiting)
                + " tasks wait for such already, of at most "
                + std::to_string(limits.postponed_tasks),
              now, out);
    return;
  }
  books.postponed.add({framework, std::move(launch), {}});
}

} // namespace

size_t accept_run_tasks(agent_books& books, session::RunTasks& request,
                        moment now, agent_effects& out) {
  auto framework = id_of<framework_id>(request.framework().id());
  size_t unanswerable = 0;
  session::AgentMessage answer;
  auto confirmed = answer.mutable_tasks_confirmed();
  confirmed->mutable_framework_id()->set_value(framework.text());
  std::vector<task_key> taken;
  std::set<executor_key> named;
  for (auto& launch : *request.mutable_launches()) {
    auto usable
      = !framework.empty() && framework.text().size() <= stored_id_bytes;
    for (auto& info : launch.tasks())
      usable = usable && !info.task_id().value().empty()
               && info.task_id().value().size() <= stored_id_bytes;
    if (launch.tasks_size() == 0 || !usable
        || named_executor(launch, framework).executor.text().size()
             > stored_id_bytes) {
      unanswerable += static_cast<size_t>(launch.tasks_size());
      continue;
    }
    if (waits_already(books, framework, launch, now, out))
      continue;
    switch (standing_of(books, framework, launch)) {
      case launch_standing::orphaned:
        turn_away(books, request.framework(), launch,
                  "this agent holds a task of the same id that the log does "
                  "not know: an operator has to adopt or to kill it",
                  now, out);
        continue;
      case launch_standing::blocked:
        postpone(books, request.framework(), launch, now, out);
        continue;
      case launch_standing::free:
        if (!take_launch(books, request.framework(), launch, now, taken, out))
          continue;
        named.insert(named_executor(launch, framework));
        break;
      case launch_standing::taken:
        break;
    }
    // Of a group, some may be gone by now, and their ids be another launch's.
    auto id = launch_id_of(launch.launch_id());
    for (auto& info : launch.tasks()) {
      auto task = books.tasks.find({framework, id_of<task_id>(info.task_id())});
      if (task != nullptr && may_be_same(task->launch, id))
        *confirmed->add_task_ids() = info.task_id();
    }
  }
  if (confirmed->task_ids_size() > 0)
    out.stored.push_back(tell_master{std::move(answer)});
  if (!taken.empty())
    out.stored.push_back(start_tasks{std::move(taken)});
  // Those of launches that are invalid; after their confirmations, see
  // tell_ended.
  for (auto& key : named)
    if (!key.executor.empty())
      tell_absent(books, key, out);
  return unanswerable;
}

void settle_task(agent_books& books, const task_key& key,
                 const std::string& uuid) {
  auto task = books.tasks.find(key);
  if (task != nullptr && task->ended() && task->latest.uuid() == uuid)
    task->settling = true;
}

void end_acknowledged(held_task& task, agent_effects& out) {
  task.settling = true;
  out.now.push_back(acknowledge_status{task.key.framework,
                                       {task.key.task, task.latest.uuid()}});
}

bool postpone_kill(agent_books& books, const session::KillTask& request) {
  auto held = books.postponed.find({id_of<framework_id>(request.framework_id()),
                                    id_of<task_id>(request.task_id())});
  if (held == nullptr)
    return false;
  std::erase_if(held->kills, [&](auto& older) {
    return older.task_id().value() == request.task_id().value();
  });
  held->kills.push_back(request);
  return true;
}

std::vector<session::KillTask> accept_postponed(agent_books& books,
                                                const task_key& settled,
                                                moment now,
                                                agent_effects& out) {
  auto waiting = books.postponed.find(settled);
  if (waiting == nullptr
      || standing_of(books, settled.framework, waiting->launch)
           == launch_standing::blocked)
    return {};
  auto held = books.postponed.take(settled);
  session::RunTasks request;
  *request.mutable_framework() = std::move(held.framework);
  *request.add_launches() = std::move(held.launch);
  accept_run_tasks(books, request, now, out);
  return std::move(held.kills);
}

} // namespace agora
