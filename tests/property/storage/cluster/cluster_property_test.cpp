// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/storage/cluster/cluster_fixture.hpp"

#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

namespace agora {
namespace {

/// Writes entries, most of which make sense in the state they meet.
class entry_source {
public:
  entry_source(const cluster_state& state, uint32_t seed)
    : state_(state), random_(seed) {
    // nop
  }

  uint32_t below(uint32_t limit) {
    return random_() % limit;
  }

  cluster::Entry next() {
    using f = cluster_fixture;
    switch (below(22)) {
      case 0:
        return f::admitted("uid" + std::to_string(below(6)), below(3),
                           static_cast<double>(below(6)));
      case 1:
      case 2: {
        auto entry = f::attached(agent(), incarnation(), 4 - (below(8) == 0));
        entry.mutable_agent_attached()->set_boot_id(std::to_string(below(2)));
        return entry;
      }
      case 3:
        return f::detached(agent(), incarnation());
      case 4:
        return f::unreachable(agent());
      case 5:
        return below(4) == 0 ? f::gone(agent()) : f::unreachable(agent());
      case 6:
        return f::subscribed(below(3) == 0 ? framework_id{} : framework(),
                             below(2) == 0);
      case 7:
        return f::updated(framework());
      case 8:
        return f::disconnected(framework(), incarnation());
      case 9:
        return below(4) == 0 ? f::ended(framework()) : f::subscribed();
      case 10:
      case 11:
      case 12:
        return accept();
      case 13:
        return f::confirmed(agent(), {task(), task()});
      case 14:
        return f::given(task(), task_state());
      case 15:
      case 16:
      case 17: {
        auto key = task();
        auto* known = state_.find_task(key);
        return f::reported(
          key, task_state(), below(3) == 0 ? "" : std::to_string(below(5)),
          known && below(8) != 0 ? known->agent->incarnation : incarnation());
      }
      case 18: {
        auto key = task();
        auto* known = state_.find_task(key);
        return f::acknowledged(key, known && below(4) != 0
                                      ? known->status_uuid()
                                      : std::to_string(below(5)));
      }
      case 19:
        return f::kill(task());
      case 20:
        return f::adopted(agent(), task(), 0.5);
      default:
        return f::executor_ended(
          agent(), {framework(), executor_id{std::to_string(below(3))}});
    }
  }

private:
  agent_id agent() {
    return agent_id{"c0ffee00-S" + std::to_string(below(7))};
  }

  framework_id framework() {
    auto most = static_cast<uint32_t>(state_.framework_count()
                                      + state_.ended_framework_count() + 2);
    auto text = std::to_string(below(most));
    return framework_id{"c0ffee00-" + std::string(4 - text.size(), '0') + text};
  }

  uint64_t incarnation() {
    return 1 + below(2);
  }

  /// Mostly one that exists.
  task_key task() {
    std::vector<task_key> all;
    if (below(6) != 0)
      state_.for_each_task({}, [&](const task_record& known) {
        all.push_back(known.key());
        return true;
      });
    if (!all.empty())
      return all[below(static_cast<uint32_t>(all.size()))];
    return {framework(), task_id{task_name()}};
  }

  std::string task_name() {
    return "t" + std::to_string(below(12));
  }

  v1::TaskState task_state() {
    return static_cast<v1::TaskState>(below(v1::TaskState_ARRAYSIZE));
  }

  cluster::Entry accept() {
    using f = cluster_fixture;
    auto owner = framework();
    auto* known = state_.find_framework(owner);
    auto entry
      = f::accepts(owner, agent(),
                   known && below(8) != 0 ? known->incarnation : incarnation());
    entry.mutable_tasks_accepted()->set_role(below(2) == 0 ? "dev" : "ops");
    for (auto count = below(4); count > 0; --count) {
      auto cpus = static_cast<double>(below(20)) / 10;
      auto executor = std::to_string(below(3));
      switch (below(3)) {
        case 0:
          entry = f::add_task(entry, f::task_of(task_name(), cpus));
          break;
        case 1:
          entry
            = f::add_task(entry, f::task_of(task_name(), cpus, executor, 0.3));
          break;
        default:
          entry = f::add_group(
            entry,
            {f::task_of(task_name(), cpus), f::task_of(task_name(), 0.1)},
            executor, 0.2);
      }
    }
    return entry;
  }

  const cluster_state& state_;
  std::mt19937 random_;
};

/// What a master would keep, from effects alone.
class effects_book {
public:
  void take(const applied_entry& out) {
    if (out.rejected) {
      EXPECT_TRUE(out.started.empty() && out.refused.empty()
                  && out.transitions.empty() && out.acquired.empty()
                  && out.released.empty() && !out.attached && !out.subscribed
                  && !out.ended && !out.acknowledged && !out.kill);
      return;
    }
    for (auto& item : out.released)
      EXPECT_FALSE(used_[item.agent].subtract(item.amount));
    for (auto& item : out.acquired)
      EXPECT_FALSE(used_[item.agent].add(item.amount));
    for (auto& item : out.started)
      EXPECT_TRUE(live_.insert(item.key).second)
        << to_string(item.key) << " started twice";
    for (auto& item : out.transitions) {
      EXPECT_EQ(item.became_terminal, is_terminal(item.to));
      EXPECT_FALSE(is_terminal(item.from));
      EXPECT_EQ(item.status.state(), item.to);
      if (item.became_terminal) {
        EXPECT_EQ(live_.erase(item.key), 1u)
          << to_string(item.key) << " ended twice";
      }
    }
  }

  void compare(const cluster_state& state) {
    EXPECT_EQ(state.counts().live(), live_.size());
    state.for_each_agent([&](const agent_record& agent) {
      EXPECT_EQ(agent.used, used_[agent.id]) << agent.id.text();
      EXPECT_TRUE(agent.total.contains(agent.used));
      return true;
    });
  }

private:
  std::map<agent_id, resources> used_;
  std::set<task_key> live_;
};

constexpr cluster_limits small_limits{.ended_tasks = 8,
                                      .ended_frameworks = 3,
                                      .gone_agents = 2,
                                      .agents = 6,
                                      .frameworks = 5,
                                      .tasks = 30,
                                      .executors = 2};

// Property: whatever the log says, the state keeps its invariants, is what is
// stored, moves resources by its effects alone, and ends each task once.
TEST(ClusterProperty, AnyLogKeepsTheInvariants) {
  size_t applied = 0, ends = 0;
  for (uint32_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    cluster_fixture cluster{small_limits};
    entry_source source{cluster.state, seed};
    effects_book book;
    cluster.accepted(cluster_fixture::founded());
    for (int step = 0; step < 400; ++step) {
      SCOPED_TRACE("step " + std::to_string(step));
      auto out = cluster.apply(source.next());
      applied += !out.rejected;
      for (auto& item : out.transitions)
        ends += item.became_terminal;
      book.take(out);
      book.compare(cluster.state);
      if (step % 50 == 0) {
        // As after a restart: nothing must depend on how the state came about.
        auto loaded = cluster_fixture::load(cluster.stored, small_limits);
        ASSERT_TRUE(loaded) << describe(loaded.error());
        ASSERT_EQ(loaded->digest(), cluster.state.digest());
        if (step % 100 == 0)
          cluster.state = std::move(*loaded);
      }
      if (testing::Test::HasFailure())
        return;
    }
    cluster_state replayed{small_limits};
    for (size_t i = 0; i < cluster.payloads.size(); ++i) {
      write_batch changes;
      ASSERT_TRUE(replayed.apply({i + 1, 1, cluster.payloads[i]}, changes));
    }
    ASSERT_EQ(replayed.digest(), cluster.state.digest());
  }
  // The streams are not all nonsense.
  EXPECT_GT(applied, 4'000u);
  EXPECT_GT(ends, 300u);
}

// Property: no bytes bring the fold down, and what it cannot read changes
// nothing.
TEST(ClusterProperty, DamagedPayloadsAreErrorsOrEntries) {
  // It complains of each string that is damaged.
  google::protobuf::LogSilencer silence;
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    cluster_fixture cluster{small_limits};
    entry_source source{cluster.state, seed};
    std::mt19937 random{seed};
    cluster.accepted(cluster_fixture::founded());
    for (int step = 0; step < 300; ++step) {
      auto entry = source.next();
      entry.set_version(cluster_version);
      auto payload = entry.SerializeAsString();
      for (auto damages = random() % 4; damages > 0; --damages)
        payload[random() % payload.size()] = static_cast<char>(random());
      if (random() % 8 == 0)
        payload.resize(random() % (payload.size() + 1));
      auto before = cluster.state.digest();
      write_batch changes;
      auto out = cluster.state.apply({1, 1, payload}, changes);
      if (!out || out->rejected) {
        ASSERT_TRUE(changes.empty());
        ASSERT_EQ(cluster.state.digest(), before);
      }
      cluster.store(changes);
      ASSERT_EQ(cluster.state.check_invariants(), std::vector<std::string>{});
    }
    EXPECT_EQ(cluster_fixture::records(cluster.state), cluster.stored);
    auto loaded = cluster_fixture::load(cluster.stored, small_limits);
    ASSERT_TRUE(loaded) << describe(loaded.error());
    ASSERT_EQ(loaded->digest(), cluster.state.digest());
  }
}

} // namespace
} // namespace agora
