// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/executor/executor_program.hpp"

#include "actors/executor/executor_driver_actor.hpp"
#include "runtime/node/node_program.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <cstdlib>
#include <utility>

namespace agora {

int run_executor(const executor_spawner& spawn) {
  node_settings settings;
  settings.program = "executor";
  settings.log.level = "warn";
  settings.worker_threads = 2;
  return run_node(
    settings,
    [&](caf::actor_system& system,
        node_control& control) -> result<running_node> {
      auto options = executor_options_from([](const char* name) -> const char* {
        return std::getenv(name);
      });
      if (!options)
        return std::move(options.error());
      options->on_over = [&control](const status& why) {
        if (why)
          control.fail_node(why);
        else
          control.stop(0);
      };
      // Called by the driver when it starts, on a thread of CAF's.
      auto factory = [&system, &spawn](const executor_driver_actor& to) {
        auto executor = spawn(system, to);
        // An executor has no life without its driver.
        to->attach_functor([address = executor.address()](const caf::error&) {
          caf::anon_send_exit(address, caf::exit_reason::user_shutdown);
        });
        return executor;
      };
      auto driver = spawn_executor_driver(system, std::move(*options), factory);
      running_node node;
      node.shut_down = [driver] {
        caf::anon_send_exit(driver, caf::exit_reason::user_shutdown);
      };
      return node;
    });
}

} // namespace agora
