// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/batch/run_command.hpp"

#include "actors/frameworks/batch/exit_code.hpp"
#include "actors/frameworks/batch/run_scheduler_actor.hpp"
#include "actors/scheduler/framework_program.hpp"

#include <caf/actor_system.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <unistd.h>
#include <utility>

namespace agora {

namespace {

/// For a master to be reached at all.
constexpr std::chrono::seconds run_gives_up_after{15};

/// Copies to a descriptor of this process; blocks while its reader does.
file_sink copy_to(int fd) {
  return [fd](std::string_view data) -> status {
    while (!data.empty()) {
      auto written = write(fd, data.data(), data.size());
      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return fail(errc::io_failed,
                    std::string{"cannot write: "} + std::strerror(errno));
      data.remove_prefix(static_cast<size_t>(written));
    }
    return {};
  };
}

} // namespace

int run_command(run_options options) {
  if (options.command.empty()) {
    std::fprintf(stderr, "error: there is no command\n");
    return exit_not_run;
  }
  framework_options program;
  program.masters = options.masters;
  program.driver.info.set_name("run " + options.name);
  program.driver.info.set_failover_timeout(0);
  program.driver.give_up_after = run_gives_up_after;
  program.first_interrupt = [](const scheduler_actor& scheduler) {
    caf::anon_send(caf::actor_cast<run_actor>(scheduler),
                   caf::close_atom::value);
  };
  auto outcome = std::make_shared<run_outcome>();
  auto reader = [masters = options.masters](caf::actor_system& system,
                                            const caf::strong_actor_ptr& user) {
    return spawn_sandbox_reader(system, user, masters);
  };
  auto code = run_framework(
    std::move(program),
    [&](caf::actor_system& system, const framework_driver_actor& driver) {
      auto sinks = run_sinks{copy_to(STDOUT_FILENO), copy_to(STDERR_FILENO)};
      return scheduler_actor{system.spawn(
        run_scheduler, driver, std::move(options), std::move(sinks),
        std::function<sandbox_reader_actor(
          caf::actor_system&, const caf::strong_actor_ptr&)>{reader},
        outcome)};
    });
  // What became of the task counts for more than how the framework ended.
  if (!outcome->status.has_state())
    return code != 0 ? code : exit_not_run;
  return exit_code_of(outcome->status);
}

} // namespace agora
