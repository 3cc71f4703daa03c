// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/result.hpp"
#include "tests/support/deterministic_actors.hpp"

#include <caf/all.hpp>

#include <string>
#include <vector>

namespace agora {
namespace {

using namespace std::chrono_literals;

using echo_actor
  = caf::typed_actor<caf::replies_to<int>::with<int>,
                     caf::replies_to<std::string>::with<int>,
                     caf::reacts_to<double>, caf::reacts_to<caf::tick_atom>>;

class DeterministicActorsTest : public test::deterministic_actors {
protected:
  std::vector<wall_time> ticks_;

  echo_actor echo_ = spawn([this](echo_actor::pointer self) {
    return echo_actor::behavior_type{
      [](int value) -> caf::result<int> {
        if (value < 0)
          return fail(errc::invalid_argument, "negative");
        return value + 1;
      },
      [self](const std::string&) {
        return self->make_response_promise<int>();
      },
      [](double) {
        // nop
      },
      [this, self](caf::tick_atom) {
        ticks_.push_back(wall_now());
        self->delayed_send(self, 10s, caf::tick_atom::value);
      },
    };
  });
};

TEST_F(DeterministicActorsTest, AskReturnsTheReplyOrTheError) {
  EXPECT_EQ(ask<int>(echo_, 1), 2);
  EXPECT_EQ(code_of(ask<int>(echo_, -1).error()), errc::invalid_argument);
  EXPECT_TRUE(ask<void>(echo_, 1.5));
}

TEST_F(DeterministicActorsTest, AskFailsInsteadOfWaitingForAReply) {
  EXPECT_EQ(ask<int>(echo_, std::string{"never"}).error(),
            caf::sec::request_timeout);
  EXPECT_EQ(ask<int>(echo_, 1), 2);
}

TEST_F(DeterministicActorsTest, TimeoutsFireAtTheirOwnTimeOnBothClocks) {
  tell(echo_, caf::tick_atom::value);
  advance(0s);
  EXPECT_EQ(ticks_.size(), 1u);
  advance(25s);
  EXPECT_EQ(ticks_, (std::vector<wall_time>{wall_start, wall_start + 10s,
                                            wall_start + 20s}));
  EXPECT_EQ(wall()(), wall_start + 25s);
}

TEST_F(DeterministicActorsTest, AJumpOfTheWallClockFiresNothing) {
  tell(echo_, caf::tick_atom::value);
  settle();
  jump_wall(1h);
  settle();
  EXPECT_EQ(ticks_.size(), 1u);
  EXPECT_EQ(wall_now(), wall_start + 1h);
}

} // namespace
} // namespace agora
