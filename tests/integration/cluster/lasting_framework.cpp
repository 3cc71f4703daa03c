// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// A framework of one task that keeps its id, for the cluster's tests: killed
// and started again, it comes back for the task that it left. On standard
// output it prints a line for each thing that the master tells it:
//
//     subscribed ID
//     TASK_RUNNING REASON_NAME message
#include "actors/scheduler/framework_program.hpp"
#include "actors/scheduler/scheduler_calls.hpp"

#include <caf/all.hpp>

#include <cstdio>

namespace {

using namespace agora;
using v1::scheduler::Event;

struct settings {
  std::string id_file;
  std::chrono::milliseconds failover{std::chrono::hours{1}};
  bool partition_aware = false;
  std::string command = "true";
  std::string user;
  std::string uri;
  std::string executor;
};

struct state {
  static inline const char* name = "lasting-scheduler";
  bool launched = false;
};

void print(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

v1::TaskInfo task_for(const v1::Offer& offer, const settings& what) {
  auto task = calls::shell_task(offer, "lasting-task", what.command, 1, 64);
  if (!what.executor.empty()) {
    task.clear_command();
    auto& executor = *task.mutable_executor();
    executor.set_type(v1::ExecutorInfo::CUSTOM);
    executor.mutable_executor_id()->set_value("lasting-executor");
    executor.mutable_command()->set_value(what.executor);
    return task;
  }
  auto& command = *task.mutable_command();
  if (!what.user.empty())
    command.set_user(what.user);
  if (!what.uri.empty())
    command.add_uris()->set_value(what.uri);
  return task;
}

scheduler_actor::behavior_type
scheduler(scheduler_actor::stateful_pointer<state> self,
          framework_driver_actor driver, settings what, bool came_back) {
  self->state.launched = came_back;
  return {
    [self, driver, what, came_back](const Event& event) {
      if (event.type() == Event::SUBSCRIBED) {
        print("subscribed " + event.subscribed().framework_id().value());
        if (came_back)
          self->send(driver, calls::reconcile());
      }
      for (auto& offer : event.offers().offers()) {
        if (std::exchange(self->state.launched, true))
          self->send(driver, calls::decline(offer));
        else
          self->send(driver, calls::accept(offer, {task_for(offer, what)}));
      }
      if (event.type() != Event::UPDATE)
        return;
      auto& status = event.update().status();
      print(v1::TaskState_Name(status.state()) + " "
            + v1::TaskStatus::Reason_Name(status.reason()) + " "
            + status.message());
      if (!calls::is_terminal(status.state()))
        return;
      self->send(driver, calls::teardown());
      self->quit();
    },
  };
}

int run(framework_options options, const settings& what) {
  auto& info = options.driver.info;
  info.set_failover_timeout(
    std::chrono::duration<double>{what.failover}.count());
  if (what.partition_aware)
    info.add_capabilities()->set_type(
      v1::FrameworkInfo::Capability::PARTITION_AWARE);
  if (auto failed = keep_framework_id(options, what.id_file)) {
    std::fprintf(stderr, "error: %s\n", describe(failed).c_str());
    return 1;
  }
  auto came_back = info.has_id();
  return run_framework(
    options, [what, came_back](caf::actor_system& system,
                               const framework_driver_actor& driver) {
      return system.spawn(scheduler, driver, what, came_back);
    });
}

} // namespace

int main(int argc, char** argv) {
  framework_options options;
  options.driver.info.set_name("lasting");
  settings what;
  command_line line{"lasting", "Runs one task, and comes back for it."};
  add_framework_options(line, options);
  line.flags_only();
  line.option("--id-file", what.id_file, "where it keeps its id");
  line.option("--failover-timeout", what.failover,
              "how long its task lives without it");
  line.flag("--partition-aware", what.partition_aware,
            "its task may come back from an agent that was lost");
  line.option("--command", what.command, "what the task runs, in a shell");
  line.option("--user", what.user, "whom the task runs as");
  line.option("--uri", what.uri, "a file that the task needs");
  line.option("--executor", what.executor,
              "a custom executor that runs the task, instead of the command");
  line.on_run([&] {
    return run(options, what);
  });
  return line.run(argc, argv);
}
