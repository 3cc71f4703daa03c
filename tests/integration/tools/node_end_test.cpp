// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// A node whose main actor ends by a fault ends as well. Each case runs a node
// of its own in a process of its own.
#include "tools/agorad/node_end.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <stdexcept>

namespace agora {
namespace {

using testing::ExitedWithCode;

/// Throws what it is sent, and quits when it is asked to.
caf::behavior fragile(caf::event_based_actor* self) {
  return {
    [](const std::string& what) {
      throw std::runtime_error(what);
    },
    [self](caf::close_atom) {
      self->quit();
    },
  };
}

/// Runs a node for one actor, which gets `message`, and then calls `after` when
/// that actor has ended.
template <class Message>
int run(Message message, std::function<void(node_control&)> after) {
  node_settings settings;
  settings.worker_threads = 2;
  return run_node(settings,
                  [&](caf::actor_system& system,
                      node_control& control) -> result<running_node> {
                    auto actor = system.spawn(fragile);
                    // Called in the reverse order.
                    actor->attach_functor([&control, after](const caf::error&) {
                      after(control);
                    });
                    end_with_actor(control, actor);
                    caf::anon_send(actor, message);
                    return running_node{};
                  });
}

class NodeEndDeathTest : public testing::Test {
protected:
  void SetUp() override {
    // A node needs a process without other threads.
    testing::FLAGS_gtest_death_test_style = "threadsafe";
  }

  static void nothing(node_control&) {
  }

  static void stop_in_order(node_control& control) {
    control.stop(7);
  }
};

TEST_F(NodeEndDeathTest, FaultOfItsActorEndsTheNodeAndSaysWhy) {
  EXPECT_EXIT(std::exit(run(std::string{"broken"}, nothing)),
              ExitedWithCode(exit_failed), "cannot go on reason=");
}

TEST_F(NodeEndDeathTest, ActorThatEndsInOrderIsNoFault) {
  EXPECT_EXIT(std::exit(run(caf::close_atom::value, stop_in_order)),
              ExitedWithCode(7), "");
}

} // namespace
} // namespace agora
