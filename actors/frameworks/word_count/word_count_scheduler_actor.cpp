// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/word_count/word_count_scheduler_actor.hpp"

#include "actors/scheduler/scheduler_calls.hpp"

#include <utility>

namespace agora {

namespace {

using scheduler_self = scheduler_actor::stateful_pointer<word_count_state>;

/// The same for every task: tasks that name equal executors share a process.
v1::ExecutorInfo make_executor(const std::string& path) {
  v1::ExecutorInfo executor;
  executor.set_type(v1::ExecutorInfo::CUSTOM);
  executor.set_name("word count");
  executor.mutable_executor_id()->set_value("word-count");
  auto& command = *executor.mutable_command();
  command.set_shell(false);
  command.set_value(path);
  command.add_arguments(path);
  *executor.add_resources() = calls::scalar("cpus", executor_cpus);
  *executor.add_resources() = calls::scalar("mem", executor_mem_mib);
  return executor;
}

void send(scheduler_self self, v1::scheduler::Call call) {
  self->send(self->state.driver, std::move(call));
}

v1::TaskInfo next_task(scheduler_self self, const v1::Offer& offer) {
  auto chunk = self->state.table->launch();
  v1::TaskInfo task;
  task.set_name(chunk.files.front());
  task.mutable_task_id()->set_value(chunk.id.text());
  *task.mutable_agent_id() = offer.agent_id();
  *task.mutable_executor() = self->state.executor;
  task.set_data(encode(chunk.files));
  *task.add_resources() = calls::scalar("cpus", task_cpus);
  *task.add_resources() = calls::scalar("mem", task_mem_mib);
  return task;
}

/// Fills an offer with tasks.
std::vector<v1::TaskInfo> tasks_for(scheduler_self self,
                                    const v1::Offer& offer) {
  auto cpus = calls::amount_of(offer, "cpus");
  auto mem = calls::amount_of(offer, "mem");
  auto runs_there = false;
  for (auto& executor : offer.executor_ids())
    runs_there
      = runs_there
        || executor.value() == self->state.executor.executor_id().value();
  if (!runs_there) {
    cpus -= executor_cpus;
    mem -= executor_mem_mib;
  }
  std::vector<v1::TaskInfo> tasks;
  while (self->state.table->has_waiting() && tasks.size() < tasks_per_offer
         && cpus >= task_cpus && mem >= task_mem_mib) {
    tasks.push_back(next_task(self, offer));
    cpus -= task_cpus;
    mem -= task_mem_mib;
  }
  return tasks;
}

void on_offers(scheduler_self self, const v1::scheduler::Event::Offers& event) {
  auto& state = self->state;
  for (auto& offer : event.offers()) {
    auto tasks = tasks_for(self, offer);
    if (tasks.empty()) {
      send(self, calls::decline(offer));
      continue;
    }
    state.agents.insert(id_of<agent_id>(offer.agent_id()));
    send(self, calls::accept(offer, std::move(tasks)));
  }
  if (!state.table->has_waiting() && !std::exchange(state.suppressed, true))
    send(self, calls::suppress());
}

void on_update(scheduler_self self, const v1::TaskStatus& status) {
  auto& state = self->state;
  if (auto failed = state.table->updated(status)) {
    send(self, calls::teardown());
    self->quit(std::move(failed));
    return;
  }
  if (state.table->has_waiting() && std::exchange(state.suppressed, false))
    send(self, calls::revive());
  if (!state.table->all_done())
    return;
  state.outcome->counts = state.table->counts();
  state.outcome->tasks = state.table->tasks_finished();
  state.outcome->agents = state.agents.size();
  send(self, calls::teardown());
  self->quit();
}

} // namespace

scheduler_actor::behavior_type
word_count_scheduler(scheduler_self self, framework_driver_actor driver,
                     const word_count_options& options,
                     std::vector<file_chunk_list> chunks,
                     std::shared_ptr<word_count_outcome> outcome) {
  auto& state = self->state;
  state.driver = std::move(driver);
  state.executor = make_executor(options.executor);
  state.table.emplace(std::move(chunks));
  state.outcome = std::move(outcome);
  return {
    [self](const v1::scheduler::Event& event) {
      if (event.type() == v1::scheduler::Event::OFFERS)
        on_offers(self, event.offers());
      else if (event.type() == v1::scheduler::Event::UPDATE)
        on_update(self, event.update().status());
    },
  };
}

} // namespace agora
