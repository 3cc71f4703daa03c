// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/word_count/word_count_executor_actor.hpp"

#include <algorithm>
#include <utility>

namespace agora {

namespace {

using executor_self
  = word_count_executor_actor::stateful_pointer<word_count_executor_state>;
using counting = word_count_executor_state::task;

/// Sends a status; the driver fills in who and when.
void update(executor_self self, const v1::TaskID& id, v1::TaskState state,
            std::string message = {}, std::string data = {}) {
  v1::executor::Call call;
  call.set_type(v1::executor::Call::UPDATE);
  auto& status = *call.mutable_update()->mutable_status();
  *status.mutable_task_id() = id;
  status.set_state(state);
  if (!message.empty())
    status.set_message(std::move(message));
  if (!data.empty())
    status.set_data(std::move(data));
  self->send(self->state.driver, std::move(call));
}

void launch(executor_self self, const v1::TaskInfo& info) {
  auto& tasks = self->state.tasks;
  auto files = decode_chunk(info.data());
  if (!files)
    return update(self, info.task_id(), v1::TASK_FAILED,
                  describe(files.error()));
  if (tasks.size() >= executor_tasks_limit)
    return update(self, info.task_id(), v1::TASK_FAILED,
                  "too many tasks wait in this executor");
  update(self, info.task_id(), v1::TASK_RUNNING);
  tasks.push_back({info.task_id(), std::move(*files), 0, {}});
  if (tasks.size() == 1)
    self->send(self, caf::tick_atom::value);
}

void finish(executor_self self, const counting& what) {
  auto data = encode(what.counts);
  if (data.size() > counts_bytes_limit)
    return update(self, what.id, v1::TASK_FAILED,
                  "the counts have " + std::to_string(data.size())
                    + " bytes, too many for a status: use smaller chunks");
  update(self, what.id, v1::TASK_FINISHED, {}, std::move(data));
}

void count_one_file(executor_self self) {
  auto& tasks = self->state.tasks;
  if (tasks.empty())
    return; // It was killed.
  auto& first = tasks.front();
  auto counts = count_file(first.files[first.done]);
  auto ended = true;
  if (!counts) {
    update(self, first.id, v1::TASK_FAILED, describe(counts.error()));
  } else {
    first.counts.merge(*counts);
    ended = ++first.done == first.files.size();
    if (ended)
      finish(self, first);
  }
  if (ended)
    tasks.pop_front();
  if (!tasks.empty())
    self->send(self, caf::tick_atom::value);
}

void kill(executor_self self, const v1::TaskID& id) {
  auto& tasks = self->state.tasks;
  auto found = std::find_if(tasks.begin(), tasks.end(), [&](const counting& one) {
    return one.id.value() == id.value();
  });
  if (found == tasks.end())
    return; // It has ended; its status is on its way.
  update(self, id, v1::TASK_KILLED);
  tasks.erase(found);
}

void shut_down(executor_self self) {
  for (auto& one : std::exchange(self->state.tasks, {}))
    update(self, one.id, v1::TASK_KILLED, "the executor was shut down");
  self->quit();
}

} // namespace

word_count_executor_actor::behavior_type
word_count_executor(executor_self self, executor_calls_actor driver) {
  using event_type = v1::executor::Event;
  self->state.driver = std::move(driver);
  return {
    [self](const event_type& event) {
      switch (event.type()) {
        case event_type::LAUNCH:
          return launch(self, event.launch().task());
        case event_type::LAUNCH_GROUP:
          for (auto& info : event.launch_group().task_group().tasks())
            launch(self, info);
          return;
        case event_type::KILL:
          return kill(self, event.kill().task_id());
        case event_type::SHUTDOWN:
          return shut_down(self);
        default:
          return;
      }
    },
    [self](caf::tick_atom) {
      count_one_file(self);
    },
  };
}

} // namespace agora
