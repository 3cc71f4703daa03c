// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// A node without a cluster, for node_program_test: prints "up" once it runs,
// and then behaves as its argument says.
#include "runtime/node/node_program.hpp"

#include <caf/all.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <unistd.h>

namespace {

using namespace agora;

// Keeps itself busy for ever, through its own mailbox.
caf::behavior busy(caf::event_based_actor* self) {
  self->send(self, caf::tick_atom::value);
  return {[self](caf::tick_atom) {
    self->send(self, caf::tick_atom::value);
  }};
}

// Never comes back from its handler, and so can never be told to end.
caf::behavior stuck(caf::event_based_actor* self) {
  self->send(self, caf::tick_atom::value);
  return {[](caf::tick_atom) {
    for (;;)
      pause();
  }};
}

result<running_node> start(const std::string& mode, caf::actor_system& system,
                           node_control& control) {
  if (mode == "refuse")
    return fail(errc::store_locked, "/data is in use by another process");
  if (mode == "misconfigured")
    return fail(errc::invalid_config, "listen: is missing");
  running_node node;
  if (mode == "busy") {
    auto one = system.spawn(busy);
    auto other = system.spawn<caf::detached>(busy);
    node.shut_down = [one, other] {
      caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
      caf::anon_send_exit(other, caf::exit_reason::user_shutdown);
    };
  } else if (mode == "stuck") {
    system.spawn<caf::detached>(stuck);
  } else if (mode == "stop") {
    std::thread{[&control] {
      control.stop(7);
      control.stop(8);
    }}.detach();
  } else if (mode == "fail") {
    std::thread{[&control] {
      control.fail_node(fail(errc::io_failed, "fsync /data: no such device"));
    }}.detach();
  } else if (mode == "patient") {
    node.on_signal = [&control](int signal) {
      control.stop(100 + signal);
      return true;
    };
  }
  std::puts("up");
  std::fflush(stdout);
  return node;
}

} // namespace

int main(int argc, char** argv) {
  std::string mode = argc > 1 ? argv[1] : "idle";
  node_settings settings;
  settings.program = "sample";
  if (argc > 2)
    settings.shutdown_timeout = std::chrono::milliseconds{std::atoi(argv[2])};
  return run_node(settings, [&](auto& system, auto& control) {
    return start(mode, system, control);
  });
}
