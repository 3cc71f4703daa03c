// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/wall_clock.hpp"
#include "runtime/messaging/wire_types.hpp"

#include <caf/actor_registry.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/expected.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

namespace agora::test {

/// Runs actors on the test's own thread, one message at a time and in a fixed
/// order, on clocks that move only when the test moves them. Not for detached
/// actors, which get a real thread, nor for actors that use the network.
class deterministic_actors : public ::testing::Test {
public:
  /// What the wall clock shows when a test begins.
  static constexpr wall_time wall_start{std::chrono::seconds{1'750'000'000}};

  /// Messages that one settle() delivers at most: beyond this, two actors
  /// answer each other for ever, and the test fails instead of hanging.
  static constexpr size_t settle_limit = 1'000'000;

protected:
  /// Spawns an actor which TearDown ends. A pending timeout keeps its actor
  /// alive, so an actor nobody ends would block ~actor_system forever.
  template <class... Ts>
  auto spawn(Ts&&... args) {
    auto handle = sys_.spawn(std::forward<Ts>(args)...);
    spawned_.push_back(caf::actor_cast<caf::actor>(handle));
    return handle;
  }

  /// Sends without waiting; delivered by the next settle(), advance() or
  /// ask().
  template <class Handle, class... Ts>
  void tell(const Handle& whom, Ts&&... content) {
    caf::anon_send(whom, std::forward<Ts>(content)...);
  }

  /// Delivers messages until every mailbox is empty; time stands still.
  void settle() {
    for (size_t delivered = 0; scheduler_.try_run_once(); ++delivered)
      if (delivered == settle_limit) {
        ADD_FAILURE() << "actors do not come to rest";
        return;
      }
  }

  /// Settles, then moves both clocks. Each timeout that is due on the way
  /// fires at its own time and is settled before time moves on.
  void advance(caf::timespan by) {
    settle();
    auto& clock = scheduler_.clock();
    auto target = clock.current_time + by;
    while (!clock.schedule().empty()
           && clock.schedule().begin()->first <= target) {
      scheduler_.trigger_timeout();
      settle();
    }
    clock.current_time = target;
  }

  /// Sends `request` and returns the reply, or the error it failed with.
  /// `caf::sec::request_timeout` if everything settled without a reply; a
  /// reply that comes later is lost. `Reply` may be void.
  template <class Reply, class Handle, class... Ts>
  caf::expected<Reply> ask(const Handle& who, Ts&&... request) {
    caf::expected<Reply> reply{caf::error{caf::sec::request_timeout}};
    caf::scoped_actor self{sys_, true};
    auto pending
      = self->request(who, caf::infinite, std::forward<Ts>(request)...);
    settle();
    if (!self->has_next_message())
      return reply;
    auto on_error = [&](caf::error& err) {
      reply = std::move(err);
    };
    if constexpr (std::is_void_v<Reply>)
      pending.receive(
        [&] {
          reply = caf::unit;
        },
        on_error);
    else
      pending.receive(
        [&](Reply& value) {
          reply = std::move(value);
        },
        on_error);
    return reply;
  }

  /// The wall clock to inject into actors: moves with advance(). Must not be
  /// called after the test has ended.
  wall_clock wall() {
    return [this] {
      return wall_now();
    };
  }

  /// What that clock shows.
  wall_time wall_now() const {
    auto passed = scheduler_.clock().now() - steady_start_;
    return wall_start + wall_jump_
           + std::chrono::duration_cast<wall_time::duration>(passed);
  }

  /// Sets the wall clock forward (or back), as an administrator would: time
  /// does not pass, and no timeout fires.
  void jump_wall(wall_time::duration by) {
    wall_jump_ += by;
  }

  caf::actor_system& system() {
    return sys_;
  }

  void TearDown() override {
    for (auto& actor : spawned_)
      caf::anon_send_exit(actor, caf::exit_reason::kill);
    spawned_.clear();
    settle();
    // What the dead had asked for; ~actor_system would fire it all.
    scheduler_.clock().cancel_all();
    auto leaked = sys_.registry().running();
    EXPECT_EQ(leaked, 0u) << "actors outlive their test";
    sys_.await_actors_before_shutdown(leaked == 0); // fail, never hang
  }

private:
  struct config : caf::actor_system_config {
    config() {
      register_wire_types(*this);
      set("scheduler.policy", caf::atom("testing"));
    }
  };

  config config_;
  caf::actor_system sys_{config_};
  std::vector<caf::actor> spawned_;
  caf::scheduler::test_coordinator& scheduler_
    = dynamic_cast<caf::scheduler::test_coordinator&>(sys_.scheduler());
  caf::actor_clock::time_point steady_start_ = scheduler_.clock().now();
  wall_time::duration wall_jump_{};
};

} // namespace agora::test
