// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// Two machines joined by a channel that keeps order and delays at will, their
// owners as slow as they like: whatever happens, every body arrives once and
// in order, no window is exceeded, and no one waits for ever.
#include "actors/session/session_machine.hpp"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <optional>
#include <random>
#include <string>

namespace agora {
namespace {

using namespace std::chrono_literals;

constexpr uint32_t seeds = 2'000;
constexpr uint64_t bodies = 60;

class session_pair {
public:
  explicit session_pair(uint32_t seed) : rng_{seed} {
    limits_.window_messages = 1 + rng_() % 9;
    limits_.window_bytes = 1 + rng_() % 200;
    limits_.body_bytes = 250;
    limits_.queue_messages = 2 * bodies;
    limits_.queue_bytes = 2 * bodies * limits_.body_bytes;
    for (auto& one : ends_)
      one.machine.emplace(1, limits_, epoch{}, now_);
  }

  /// One random step of one random side; time stands still, so that no ping
  /// comes to the help of a session that is stuck.
  void step() {
    auto side = rng_() % 2;
    switch (rng_() % 3) {
      case 0:
        return give(side);
      case 1:
        return deliver(side);
      default:
        return consume(side);
    }
  }

  /// Nothing new is sent: everything under way must arrive.
  void finish() {
    while (deliver_or_consume(0) || deliver_or_consume(1)) {
      // nop
    }
  }

  void check_complete() {
    for (auto side : {0u, 1u}) {
      EXPECT_EQ(ends_[side].received, ends_[1 - side].given);
      EXPECT_EQ(ends_[side].unconsumed.size(), 0u);
    }
  }

private:
  struct one_end {
    std::optional<session_machine> machine;
    uint64_t given = 0;
    uint64_t received = 0;
    /// Sizes of bodies that the owner has not handled yet.
    std::deque<size_t> unconsumed;
    size_t unconsumed_bytes = 0;
    /// On the way to this end.
    std::deque<session_frame> inbox;
  };

  void transmit(size_t side) {
    for (auto& frame : ends_[side].machine->take_frames())
      ends_[1 - side].inbox.push_back(std::move(frame));
  }

  /// A body is its number, and as many fill bytes as chance wants; small ones
  /// more often than large ones.
  void give(size_t side) {
    auto& end = ends_[side];
    if (end.given == bodies)
      return;
    auto body = std::to_string(++end.given) + " ";
    auto most = rng_() % 4 == 0 ? limits_.body_bytes : size_t{20};
    body.resize(std::max<size_t>(body.size(), rng_() % (most + 1)), '.');
    EXPECT_FALSE(end.machine->send(std::move(body), now_));
    transmit(side);
  }

  bool deliver_next(size_t side) {
    auto& end = ends_[side];
    if (end.inbox.empty())
      return false;
    auto frame = std::move(end.inbox.front());
    end.inbox.pop_front();
    auto got = end.machine->receive(std::move(frame), now_);
    EXPECT_TRUE(got) << describe(got ? status{} : got.error());
    transmit(side);
    if (!got || !*got)
      return true;
    EXPECT_EQ(std::stoull(**got), ++end.received);
    end.unconsumed.push_back((*got)->size());
    end.unconsumed_bytes += (*got)->size();
    EXPECT_LE(end.unconsumed.size(), limits_.window_messages);
    if (end.unconsumed.size() > 1) {
      EXPECT_LE(end.unconsumed_bytes, limits_.window_bytes);
    }
    return true;
  }

  bool consume_next(size_t side) {
    auto& end = ends_[side];
    if (end.unconsumed.empty())
      return false;
    end.unconsumed_bytes -= end.unconsumed.front();
    end.unconsumed.pop_front();
    end.machine->consumed(now_);
    transmit(side);
    return true;
  }

  void deliver(size_t side) {
    for (auto n = rng_() % 4; n > 0; --n)
      deliver_next(side);
  }

  void consume(size_t side) {
    for (auto n = rng_() % 4; n > 0; --n)
      consume_next(side);
  }

  bool deliver_or_consume(size_t side) {
    return deliver_next(side) || consume_next(side);
  }

  std::mt19937 rng_;
  session_limits limits_;
  session_machine::time_point now_{1000s};
  std::array<one_end, 2> ends_;
};

TEST(session_channel,
     every_body_arrives_once_in_order_and_none_waits_for_ever) {
  for (uint32_t seed = 0; seed < seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    session_pair pair{seed};
    for (auto i = 50 + seed % 600; i > 0; --i)
      pair.step();
    pair.finish();
    pair.check_complete();
    if (HasFailure())
      return;
  }
}

} // namespace
} // namespace agora
