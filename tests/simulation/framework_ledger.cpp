// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/framework_ledger.hpp"

#include "actors/scheduler/scheduler_calls.hpp"

#include <algorithm>
#include <sstream>

namespace agora::simulation {

std::string to_command(const task_behavior& behavior) {
  std::ostringstream out;
  out << "sim " << behavior.task << ' '
      << behavior.lasts.value_or(std::chrono::milliseconds{0}).count() << ' '
      << behavior.exit_code;
  if (behavior.stubborn)
    out << " stubborn";
  if (behavior.missing)
    out << " missing";
  return out.str();
}

result<task_behavior> behavior_of(const launch_spec& what, const std::string&) {
  std::istringstream in{what.command};
  std::string word;
  task_behavior found;
  int64_t lasts = 0;
  if (!(in >> word >> found.task >> lasts >> found.exit_code) || word != "sim")
    return fail(errc::invalid_argument, "no simulated task: " + what.command);
  found.lasts = std::chrono::milliseconds{lasts};
  while (in >> word) {
    found.stubborn |= word == "stubborn";
    found.missing |= word == "missing";
  }
  return found;
}

v1::FrameworkInfo framework_character::info() const {
  v1::FrameworkInfo made;
  made.set_user("root");
  made.set_name(name);
  for (auto& role : roles)
    made.add_roles(role);
  made.set_failover_timeout(failover_timeout);
  using capability = v1::FrameworkInfo::Capability;
  made.add_capabilities()->set_type(capability::MULTI_ROLE);
  if (partition_aware)
    made.add_capabilities()->set_type(capability::PARTITION_AWARE);
  if (tells_killing)
    made.add_capabilities()->set_type(capability::TASK_KILLING_STATE);
  return made;
}

framework_ledger::framework_ledger(world& sim, const log_checker& log,
                                   framework_character character)
  : sim_(sim), log_(log), character_(std::move(character)) {
  // nop
}

void framework_ledger::subscribed(const framework_id& id) {
  if (!id_.empty() && id_ != id)
    sim_.violated("framework " + character_.name + " was " + id_.text()
                  + ", and is subscribed as " + id.text());
  id_ = id;
}

void framework_ledger::ended() {
  for (auto& [id, task] : tasks_)
    if (task.framework == id_ && !task.terminal)
      end_task(task, v1::TASK_KILLED);
  id_ = {};
}

task_behavior framework_ledger::next_task(process_number process,
                                          random_source& random) {
  task_behavior next;
  next.task = character_.name + "." + std::to_string(process) + "."
              + std::to_string(++next_task_);
  next.lasts = std::chrono::milliseconds{random.between(
    character_.shortest_task.count(), character_.longest_task.count())};
  next.exit_code = random.chance(character_.fails) ? 3 : 0;
  next.missing = random.chance(character_.missing);
  next.stubborn = random.chance(character_.stubborn);
  return next;
}

void framework_ledger::launched(const std::string& task,
                                const agent_id& agent) {
  auto& fresh = tasks_[task_id{task}];
  fresh.framework = id_;
  fresh.agent = agent;
  fresh.launched = sim_.now();
  ++live_;
}

void framework_ledger::end_task(known_task& task, v1::TaskState state) {
  if (!task.terminal && !task.given_up)
    --live_;
  if (!task.terminal && state == v1::TASK_FINISHED)
    ++finished_;
  task.terminal = true;
  task.state = state;
}

void framework_ledger::heard(const v1::TaskStatus& status, process_number by) {
  auto id = id_of<task_id>(status.task_id());
  auto found = tasks_.find(id);
  if (found == tasks_.end())
    return sim_.violated("framework " + character_.name
                         + " hears of a task that it never launched: "
                         + id.text());
  auto& task = found->second;
  check_logged(id, status);
  auto state = status.state();
  auto answer = status.reason() == v1::TaskStatus::REASON_RECONCILIATION
                && status.uuid().empty();
  auto terminal = calls::is_terminal(state) || state == v1::TASK_UNKNOWN;
  if (task.terminal) {
    // Answers that were under way when the end was acknowledged and forgotten.
    if (answer || state == task.state)
      return;
    // What was under way to an older process, which a newer one has replaced.
    if (!terminal && by < task.ended_for)
      return;
    return sim_.violated("framework " + character_.name + " heard that task "
                         + id.text() + " ended as "
                         + v1::TaskState_Name(task.state) + ", and now "
                         + v1::TaskState_Name(state));
  }
  if (terminal) {
    end_task(task, state);
    task.by_reconciliation = answer;
    task.ended_for = by;
    return;
  }
  task.state = state;
  // It may come back, but nobody waits for it: another one replaces it.
  auto lost = state == v1::TASK_UNREACHABLE;
  if (lost != task.given_up) {
    live_ += lost ? size_t(-1) : size_t{1};
    task.given_up = lost;
  }
}

/// Only what has a uuid comes from the log; the answers to questions may be
/// about tasks that were refused, and are in no log.
void framework_ledger::check_logged(const task_id& id,
                                    const v1::TaskStatus& status) {
  if (status.uuid().empty() || !calls::is_terminal(status.state()))
    return;
  auto story = log_.stories().find({id_, id});
  if (story != log_.stories().end() && !story->second.ended)
    sim_.violated("framework " + character_.name + " hears that task "
                  + id.text() + " ended as "
                  + v1::TaskState_Name(status.state())
                  + ", which is not in the log yet");
}

size_t framework_ledger::wanted() const {
  auto covered = finished_ + live_;
  if (covered >= character_.goal || live_ >= character_.at_once)
    return 0;
  return std::min(character_.goal - covered, character_.at_once - live_);
}

void framework_ledger::offered() {
  hungry_since_.reset();
}

void framework_ledger::set_hungry(bool hungry) {
  if (!hungry)
    hungry_since_.reset();
  else if (!hungry_since_)
    hungry_since_ = sim_.now();
}

} // namespace agora::simulation
