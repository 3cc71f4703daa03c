// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// Random lives of a log with three members on stores that crash, with messages
// that are lost, late, and in another order, and snapshots that take their
// time. log_members checks after each step:
// - what was handed out anywhere stands at the same index everywhere, after
//   every crash, and without gaps;
// - a stored state is the fold of exactly the entries up to its index;
// - whoever has anything of a cluster knows of which.
// In the end, when nothing fails any more, all have everything.
#include "tests/support/log_members.hpp"

#include <random>

namespace agora {
namespace {

log_settings random_settings(std::mt19937& rng) {
  auto result = log_members::quick();
  result.inflight_entries = 60;
  result.batch_bytes = 1 + rng() % 500;
  // Most keep next to nothing, so that snapshots are needed.
  result.retained_entries = rng() % 4 != 0 ? rng() % 4 : rng() % 200;
  result.trim_step = 1 + rng() % 5;
  result.replay_bytes = 1 + rng() % 500;
  result.consensus.tail_bytes = rng() % 2000;
  result.consensus.append_bytes = 1 + rng() % 500;
  result.consensus.append_entries = 1 + rng() % 8;
  result.consensus.uncommitted_bytes = 4000;
  return result;
}

class members_life {
public:
  explicit members_life(uint32_t seed)
    : rng_(seed),
      all_(3, random_settings(rng_), store_limits{.queued_batches = 6}) {
    for (uint64_t n = 1; n <= 3; ++n)
      all_.at(n).slow = all_.at(n).busy = true;
    loss_percent_ = rng_() % 3 == 0 ? 0 : rng_() % 10;
    all_.drop = [this](auto&) {
      return rng_() % 100 < loss_percent_;
    };
  }

  void step() {
    auto n = 1 + rng_() % 3;
    auto chance = rng_() % 1000;
    if (!all_.is_up(n))
      return chance < 50 ? all_.start(n) : deliver();
    if (chance < 3)
      return all_.crash(n, rng_() % 6);
    if (chance == 3)
      return crash_all();
    if (chance < 10)
      return partition(n);
    if (chance == 10)
      return all_.log(n).peer_lost(member_uid{1 + rng_() % 3}),
             all_.carry_on(n);
    if (chance == 11)
      return all_.log(n).compact(rng_() % 5), all_.carry_on(n);
    if (chance < 50)
      return all_.tick(n);
    if (chance < 200)
      return all_.persist(n, rng_() % 4);
    if (chance < 300)
      return propose(n);
    if (chance < 400)
      return all_.take(n, 1 + rng_() % 8);
    if (chance < 500) {
      all_.apply(n, 1 + rng_() % 8);
      return all_.carry_on(n);
    }
    if (chance < 600)
      return send_snapshot();
    deliver();
  }

  /// Nothing fails any more.
  void settle() {
    all_.drop = {};
    all_.cut.clear();
    for (uint64_t n = 1; n <= 3; ++n) {
      if (!all_.is_up(n))
        all_.start(n);
      all_.at(n).slow = all_.at(n).busy = false;
    }
    while (!all_.transfers.empty() && !testing::Test::HasFailure())
      end_snapshot();
    auto last = std::string{"the last"};
    for (int round = 0; round < 300 && !testing::Test::HasFailure(); ++round) {
      all_.tick_all(1);
      all_.send_snapshots(1 + rng_() % 100);
      for (uint64_t n = 1; n <= 3; ++n) {
        if (all_.leads(n) && round > 100 && !last.empty()
            && all_.log(n).propose({last})) {
          all_.carry_on(n);
          last.clear();
        }
      }
    }
    ASSERT_EQ(last, "") << "nobody led for long enough";
    ASSERT_EQ(all_.decided.rbegin()->second.payload, "the last");
    all_.expect_all_equal();
  }

  uint64_t loads() {
    uint64_t result = 0;
    for (uint64_t n = 1; n <= 3; ++n)
      result += static_cast<uint64_t>(all_.at(n).loads);
    return result;
  }

  uint64_t decided() const {
    return all_.decided.size();
  }

private:
  void crash_all() {
    for (uint64_t n = 1; n <= 3; ++n)
      if (all_.is_up(n))
        all_.crash(n, rng_() % 6);
  }

  void partition(uint64_t n) {
    if (all_.cut.empty() && rng_() % 4 == 0)
      all_.cut.insert(n);
    else
      all_.cut.clear();
  }

  void deliver() {
    auto& wire = all_.wire;
    for (auto count = 1 + rng_() % 6; count > 0 && !wire.empty(); --count) {
      if (rng_() % 8 == 0)
        std::swap(wire.front(), wire[rng_() % wire.size()]);
      if (rng_() % 32 == 0)
        wire.push_back(wire.front());
      all_.deliver_one();
    }
    while (wire.size() > 200)
      wire.pop_front();
  }

  void propose(uint64_t n) {
    std::vector<std::string> payloads;
    for (auto count = 1 + rng_() % 5; count > 0; --count)
      payloads.emplace_back(rng_() % 200, static_cast<char>('a' + rng_() % 26));
    auto first = all_.log(n).propose(std::move(payloads));
    if (first) {
      all_.carry_on(n);
    } else {
      auto why = code_of(first.error());
      ASSERT_TRUE(why == errc::not_leader || why == errc::limit_reached)
        << describe(first.error());
    }
  }

  void send_snapshot() {
    if (all_.transfers.empty()) {
      while (!all_.snapshots.empty()) {
        auto [from, to] = all_.snapshots.front();
        // Orders of members that have crashed since.
        if (all_.leads(from) && all_.is_up(to)
            && !all_.log(to).cluster_id().empty())
          return all_.begin_snapshot();
        if (all_.leads(from)) {
          all_.log(from).snapshot_ended(member_uid{to}, 0);
          all_.carry_on(from);
        }
        all_.snapshots.pop_front();
      }
      return;
    }
    auto& one = all_.transfers.front();
    if (one.complete())
      return end_snapshot();
    auto bad = all_.send_part(one, 1 + rng_() % 100);
    ASSERT_TRUE(!bad || code_of(bad) == errc::limit_reached) << describe(bad);
  }

  void end_snapshot() {
    auto& one = all_.transfers.front();
    if (one.complete()) {
      all_.install();
      return;
    }
    // It breaks off.
    all_.log(one.from).snapshot_ended(member_uid{one.to}, 0);
    all_.carry_on(one.from);
    all_.transfers.clear();
  }

  std::mt19937 rng_;
  log_members all_;
  uint64_t loss_percent_ = 0;
};

TEST(LogMembersProperty, WhatWasHandedOutAnywhereIsThereEverywhere) {
  uint64_t loads = 0;
  uint64_t decided = 0;
  for (uint32_t seed = 0; seed < 100 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    members_life life{seed};
    for (int step = 0; step < 15'000 && !testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE("step " + std::to_string(step));
      life.step();
    }
    if (!testing::Test::HasFailure())
      life.settle();
    loads += life.loads();
    decided += life.decided();
  }
  // Otherwise it proves nothing.
  EXPECT_GT(loads, 50U);
  EXPECT_GT(decided, 10'000U);
}

} // namespace
} // namespace agora
