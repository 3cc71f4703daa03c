// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// A custom executor for the cluster's tests:
//
//     gated-executor STARTED GATE
//
// For each task it appends its pid to the file STARTED; when the file GATE is
// there, its tasks are finished.
#include "actors/executor/executor_program.hpp"
#include "actors/interfaces.hpp"

#include <caf/all.hpp>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

using namespace agora;
using v1::executor::Call;
using v1::executor::Event;

constexpr std::chrono::milliseconds look_interval{20};

// Also: look whether the gate is open.
using gated_executor_actor
  = executor_actor::extend<caf::reacts_to<caf::tick_atom>>;

struct state {
  static inline const char* name = "gated-executor";
  std::vector<v1::TaskID> tasks;
};

using self_ptr = gated_executor_actor::stateful_pointer<state>;

gated_executor_actor::behavior_type executor(self_ptr self,
                                             executor_driver_actor driver,
                                             const std::string& started,
                                             const std::string& gate) {
  auto report = [self, driver](const v1::TaskID& task, v1::TaskState what) {
    Call call;
    call.set_type(Call::UPDATE);
    *call.mutable_update()->mutable_status()->mutable_task_id() = task;
    call.mutable_update()->mutable_status()->set_state(what);
    self->send(driver, std::move(call));
  };
  auto end_all = [self, report](v1::TaskState how) {
    for (auto& task : std::exchange(self->state.tasks, {}))
      report(task, how);
  };
  self->delayed_send(self, look_interval, caf::tick_atom::value);
  return {
    [self, report, end_all, started](const Event& event) {
      if (event.type() == Event::LAUNCH) {
        std::ofstream{started, std::ios::app} << ::getpid() << "\n";
        report(event.launch().task().task_id(), v1::TASK_RUNNING);
        self->state.tasks.push_back(event.launch().task().task_id());
      } else if (event.type() == Event::KILL) {
        end_all(v1::TASK_KILLED);
      } else if (event.type() == Event::SHUTDOWN) {
        end_all(v1::TASK_KILLED);
        self->quit();
      }
    },
    [self, end_all, gate](caf::tick_atom) {
      if (std::filesystem::exists(gate))
        end_all(v1::TASK_FINISHED);
      self->delayed_send(self, look_interval, caf::tick_atom::value);
    },
  };
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: gated-executor STARTED GATE\n");
    return 2;
  }
  std::string started = argv[1];
  std::string gate = argv[2];
  return run_executor(
    [&](caf::actor_system& system, const executor_driver_actor& driver) {
      return executor_actor{system.spawn(executor, driver, started, gate)};
    });
}
