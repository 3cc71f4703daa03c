// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/log/replicated_log.hpp"
#include "storage/store/memory_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace agora {

/// Members of a replicated log, each with its owner and a disk in memory; their
/// messages, disks, clocks and crashes are the test's. Members are called by
/// small numbers, which are their uids, too.
///
/// The state is a digest of all entries so far, and the newest few of them.
/// Checked all the time: an index has the same entry wherever and whenever it
/// is handed out, without gaps; a stored state is the fold of exactly the
/// entries up to its index.
class log_members {
public:
  struct member {
    std::shared_ptr<memory_store> disk;
    /// Null while it is down.
    std::unique_ptr<replicated_log> log;
    /// What the owner has in memory.
    uint64_t applied = 0;
    std::string digest;
    std::deque<entry_ptr> taken;
    bool woken = false;
    /// Its disk works only by persist().
    bool slow = false;
    /// Its owner takes and applies only by take() and apply().
    bool busy = false;
    uint64_t starts = 0;
    /// How often a snapshot replaced its state.
    int loads = 0;
  };

  /// A snapshot that travels.
  struct transfer {
    uint64_t from = 0;
    uint64_t to = 0;
    uint64_t term = 0;
    log_snapshot what;
    /// A part that was refused.
    write_batch waits = {};

    bool complete() const {
      return what.complete() && waits.empty();
    }
  };

  explicit log_members(uint64_t count, log_settings how = quick(),
                       store_limits limits = {})
    : settings_(how) {
    digests_.push_back("");
    std::vector<log_member> all;
    for (uint64_t n = 1; n <= count; ++n) {
      all.push_back({member_uid{n}, static_cast<uint32_t>(n), "", false});
      members_[n].disk = std::make_shared<memory_store>(
        memory_store::mode::manual, limits, "master", uid_of(n));
      open(n);
    }
    EXPECT_FALSE(at(1).log->found("cluster", *configuration::make(all)));
    for (uint64_t n = 1; n <= count; ++n)
      listen(n);
  }

  /// Short times, so that tests can count ticks.
  static log_settings quick() {
    log_settings result;
    result.consensus.heartbeat_ticks = 2;
    result.consensus.election_ticks = 10;
    return result;
  }

  member& at(uint64_t n) {
    return members_.at(n);
  }

  replicated_log& log(uint64_t n) {
    return *at(n).log;
  }

  const log_view& view(uint64_t n) {
    return log(n).machine().log();
  }

  bool is_up(uint64_t n) {
    return at(n).log != nullptr;
  }

  bool leads(uint64_t n) {
    return is_up(n) && log(n).machine().leads() != nullptr;
  }

  uint64_t size() const {
    return members_.size();
  }

  // -- life and disk ----------------------------------------------------------

  void crash(uint64_t n, size_t survivors = 0) {
    // What was being sent breaks off; the sender, if it lives, notices.
    std::set<uint64_t> senders;
    for (auto& one : transfers)
      if (one.to == n && is_up(one.from))
        senders.insert(one.from);
    std::erase_if(transfers, [&](auto& one) {
      return one.from == n || one.to == n;
    });
    at(n).log.reset();
    at(n).disk->crash(survivors);
    for (auto sender : senders) {
      log(sender).snapshot_ended(member_uid{n}, 0);
      carry_on(sender);
    }
  }

  void start(uint64_t n) {
    open(n);
    if (is_up(n))
      listen(n);
  }

  void persist(uint64_t n, size_t count = SIZE_MAX) {
    at(n).disk->persist(count);
    carry_on(n);
  }

  // -- what an owner does -----------------------------------------------------

  void carry_on(uint64_t n) {
    auto& one = at(n);
    one.woken = false;
    auto todo = one.log->carry_on();
    ASSERT_TRUE(todo) << describe(todo.error());
    for (auto& message : todo->send)
      wire.push_back(std::move(message));
    for (auto& order : todo->snapshots)
      snapshots.emplace_back(n, order.to.value);
    if (auto index = one.log->take_installed()) {
      one.taken.clear();
      ++one.loads;
      load_state(n);
      ASSERT_EQ(one.applied, *index);
    }
  }

  void take(uint64_t n, size_t max = SIZE_MAX) {
    auto& one = at(n);
    auto entries = one.log->take_committed(max);
    ASSERT_TRUE(entries) << describe(entries.error());
    for (auto& entry : *entries) {
      auto expected = one.applied + one.taken.size() + 1;
      ASSERT_EQ(entry->index, expected);
      auto [known, is_new] = decided.emplace(expected, *entry);
      ASSERT_EQ(known->second, *entry);
      if (is_new) {
        ASSERT_EQ(digests_.size(), expected);
        digests_.push_back(folded(digests_.back(), *entry));
      }
      one.taken.push_back(entry);
    }
  }

  void apply(uint64_t n, size_t count = SIZE_MAX) {
    auto& one = at(n);
    if (one.taken.empty() || count == 0)
      return;
    write_batch changes;
    for (; count > 0 && !one.taken.empty(); --count, one.taken.pop_front()) {
      auto& entry = *one.taken.front();
      one.digest = folded(one.digest, entry);
      one.applied = entry.index;
      changes.put("seen/" + std::to_string(entry.index % 7),
                  std::to_string(entry.index));
    }
    changes.put("digest", one.digest);
    ASSERT_FALSE(one.log->applied(one.applied, std::move(changes)));
    check_stored(n);
  }

  // -- messages and time ------------------------------------------------------

  void tick(uint64_t n, int times = 1) {
    for (; times > 0; --times) {
      log(n).tick();
      carry_on(n);
    }
  }

  /// Ticks of everybody, each with all that follows.
  void tick_all(int times) {
    for (; times > 0; --times) {
      for (auto& [n, one] : members_)
        if (one.log)
          tick(n);
      settle();
    }
  }

  void deliver_one() {
    auto message = std::move(wire.front());
    wire.pop_front();
    auto n = message.to.value;
    if (!is_up(n) || cut.contains(n) || cut.contains(message.from.value)
        || (drop && drop(message)))
      return;
    if (log(n).cluster_id().empty())
      log(n).adopt_cluster("cluster");
    log(n).receive(message);
    carry_on(n);
  }

  /// Until nobody has anything to do; snapshots that are ordered wait.
  void settle() {
    auto rounds = 0;
    for (auto busy = true; busy && !testing::Test::HasFailure();) {
      ASSERT_LT(++rounds, rounds_limit) << "they do not come to rest";
      busy = !wire.empty();
      while (!wire.empty() && !testing::Test::HasFailure())
        deliver_one();
      for (auto& [n, one] : members_) {
        if (!one.log)
          continue;
        auto before = one.applied;
        if (!one.busy) {
          take(n);
          apply(n);
        }
        carry_on(n);
        auto persisted = one.slow ? 0 : one.disk->persist();
        if (persisted > 0 || one.woken)
          carry_on(n);
        busy = busy || persisted > 0 || one.applied != before;
      }
    }
  }

  /// @returns the leader that comes up; 0 if none does.
  uint64_t elect() {
    for (int i = 0; i < 200 && !testing::Test::HasFailure(); ++i) {
      tick_all(1);
      for (auto& [n, one] : members_)
        if (leads(n) && !cut.contains(n))
          return n;
    }
    return 0;
  }

  /// Only `n` gets impatient.
  void elect(uint64_t n) {
    for (int i = 0; i < 30 && !leads(n); ++i) {
      tick(n);
      settle();
    }
    ASSERT_TRUE(leads(n));
  }

  uint64_t propose(uint64_t n, std::vector<std::string> payloads) {
    auto first = log(n).propose(std::move(payloads));
    EXPECT_TRUE(first) << describe(first.error());
    carry_on(n);
    return first ? *first : 0;
  }

  // -- snapshots --------------------------------------------------------------

  /// Begins the oldest that is ordered.
  void begin_snapshot() {
    auto [from, to] = snapshots.front();
    snapshots.pop_front();
    auto what = log(from).snapshot();
    ASSERT_TRUE(what) << describe(what.error());
    transfers.push_back(
      {from, to, log(from).machine().term(), std::move(*what), {}});
    log(to).begin_staging();
    carry_on(to);
  }

  /// @returns errc::limit_reached if the receiver's disk is behind; the part
  ///          goes with the next call then.
  status send_part(transfer& of, size_t bytes) {
    if (of.waits.empty()) {
      auto bad = of.what.next(bytes, [&](auto key, auto value) {
        of.waits.put(std::string{key}, std::string{value});
      });
      if (bad)
        return bad;
    }
    auto bad = log(of.to).stage(std::move(of.waits));
    if (!bad)
      of.waits = {};
    carry_on(of.to);
    return bad;
  }

  /// The first of `transfers` is whole.
  bool install() {
    auto of = std::move(transfers.front());
    transfers.erase(transfers.begin());
    auto& mark = of.what.mark();
    auto needed = log(of.to).install(mark, member_uid{of.from}, of.term);
    carry_on(of.to);
    log(of.from).snapshot_ended(member_uid{of.to}, mark.last.index);
    carry_on(of.from);
    return needed;
  }

  /// All that are ordered, at once.
  void send_snapshots(size_t part_bytes = 20) {
    while (!snapshots.empty() && !testing::Test::HasFailure()) {
      begin_snapshot();
      auto& one = transfers.front();
      while (!testing::Test::HasFailure() && !one.complete())
        if (auto bad = send_part(one, part_bytes)) {
          ASSERT_EQ(code_of(bad), errc::limit_reached) << describe(bad);
          persist(one.to);
        }
      install();
      settle();
    }
  }

  // -- what must be true ------------------------------------------------------

  /// The state on the disk of `n` is the fold of the entries up to its index.
  /// @returns that index.
  uint64_t check_stored(uint64_t n) {
    std::map<std::string, std::string> state;
    auto index = log(n).for_each_state([&](auto key, auto value) {
      state.emplace(key, value);
      return visit::more;
    });
    EXPECT_TRUE(index) << describe(index.error());
    if (!index || *index >= digests_.size()) {
      ADD_FAILURE() << "a state of which nobody has heard";
      return 0;
    }
    EXPECT_EQ(state["digest"], digests_[*index]);
    for (auto i = *index; i > 0 && i + 7 > *index; --i)
      EXPECT_EQ(state["seen/" + std::to_string(i % 7)], std::to_string(i));
    EXPECT_EQ(state.size(), 1 + std::min<uint64_t>(*index, 7));
    return *index;
  }

  /// Everybody has applied, and stored, all that was ever handed out.
  void expect_all_equal() {
    for (auto& [n, one] : members_) {
      SCOPED_TRACE("member " + std::to_string(n));
      ASSERT_TRUE(is_up(n));
      EXPECT_EQ(one.applied, decided.empty() ? 0 : decided.rbegin()->first);
      EXPECT_EQ(one.digest, digests_.back());
      EXPECT_EQ(check_stored(n), one.applied);
    }
  }

  std::vector<std::string> commands() const {
    std::vector<std::string> result;
    for (auto& [index, entry] : decided)
      if (entry.kind == entry_kind::command)
        result.push_back(entry.payload);
    return result;
  }

  /// What is on its way.
  std::deque<consensus_message> wire;
  /// What it says yes to is lost.
  std::function<bool(const consensus_message&)> drop;
  /// Nobody reaches these.
  std::set<uint64_t> cut;
  /// Leader and receiver of those that are ordered and not begun.
  std::deque<std::pair<uint64_t, uint64_t>> snapshots;
  std::vector<transfer> transfers;
  /// What was handed out anywhere, by index.
  std::map<uint64_t, log_entry> decided;

private:
  static std::string uid_of(uint64_t n) {
    auto digits = std::to_string(n);
    return std::string(16 - digits.size(), '0') + digits + std::string(16, '0');
  }

  static std::string folded(const std::string& digest, const log_entry& entry) {
    return std::to_string(std::hash<std::string>{}(
      digest + "|" + entry.payload + "|" + std::to_string(entry.index) + "."
      + std::to_string(entry.term)));
  }

  void open(uint64_t n) {
    auto& one = at(n);
    auto opened = replicated_log::open(one.disk, "log", settings_,
                                       n + 100 * one.starts++);
    ASSERT_TRUE(opened) << describe(opened.error());
    one.log = std::move(*opened);
    one.taken.clear();
    // Whoever has voted, or has entries, knows of which cluster.
    auto& machine = one.log->machine();
    if (one.log->cluster_id().empty()) {
      EXPECT_EQ(machine.term(), 0U);
      EXPECT_EQ(machine.log().last_index(), 0U);
    }
    load_state(n);
  }

  void listen(uint64_t n) {
    auto& one = at(n);
    one.log->listen({[&one] {
                       one.woken = true;
                     },
                     [](auto& what) {
                       ADD_FAILURE() << describe(what);
                     }});
    carry_on(n);
  }

  void load_state(uint64_t n) {
    auto& one = at(n);
    one.applied = check_stored(n);
    EXPECT_EQ(one.applied, one.log->applied_index());
    auto digest = one.log->get_state("digest");
    ASSERT_TRUE(digest);
    one.digest = digest->value_or("");
  }

  /// More than anything in a test takes.
  static constexpr int rounds_limit = 10'000;

  log_settings settings_;
  std::map<uint64_t, member> members_;
  /// After each index that was handed out.
  std::vector<std::string> digests_;
};

} // namespace agora
