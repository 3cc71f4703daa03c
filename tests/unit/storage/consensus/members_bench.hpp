// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/consensus/consensus_machine.hpp"
#include "tests/unit/storage/consensus/bench_disk.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace agora {

/// Several members of a log whose messages, disks and clocks a test drives by
/// hand. Members are called by small numbers, which are their uids, too. After
/// each step it checks that a term has one leader, and an index one committed
/// entry.
class members_bench {
public:
  using filter = std::function<bool(const consensus_message&)>;

  /// Short times, so that tests can count ticks.
  static consensus_settings quick();

  static log_member member(uint64_t n, bool learner = false);

  static configuration members(uint64_t voters);

  /// Members 1 to `voters`, each with the first entry, which says so, on disk.
  explicit members_bench(uint64_t voters,
                         const consensus_settings& settings = quick());

  /// One that was never taken in.
  void add_blank(uint64_t n);

  consensus_machine& at(uint64_t n) {
    return *members_.at(n).machine;
  }

  bench_disk& disk(uint64_t n) {
    return members_.at(n).disk;
  }

  bool is_up(uint64_t n) const {
    return members_.at(n).machine != nullptr;
  }

  // -- life and disk ----------------------------------------------------------

  /// What is not on disk is lost.
  void crash(uint64_t n);

  /// A new machine with what is on disk.
  void restart(uint64_t n);

  /// Replaces everything behind the first entry by entries of these terms, and
  /// restarts.
  void give_log(uint64_t n, const std::vector<uint64_t>& terms, uint64_t term);

  /// From now on the disk of `n` works only by persist().
  void hold_disk(uint64_t n) {
    members_.at(n).slow = true;
  }

  void free_disk(uint64_t n);

  /// Everything on the way to the disk gets there, and the machine is told.
  void persist(uint64_t n);

  /// Removes what is applied up to `index`, in memory and on disk.
  void compact(uint64_t n, uint64_t index);

  // -- time and messages ------------------------------------------------------

  /// Ticks of one member; messages are left on their way.
  void tick(uint64_t n, uint32_t times = 1);

  /// Ticks of everybody, each with its messages.
  void tick_all(uint32_t times);

  /// Until nobody has anything to say.
  void deliver_all();

  /// Takes out what the machine wants done.
  void collect(uint64_t n);

  void cut(uint64_t a, uint64_t b);
  void join(uint64_t a, uint64_t b);
  void isolate(uint64_t n);
  void rejoin(uint64_t n);

  /// What it says yes to is lost.
  filter drop;
  /// What it says yes to waits for release_held().
  filter hold;

  void release_held();

  /// Everything that was sent, also what was lost.
  std::vector<consensus_message> sent;
  /// What is on its way; a test may turn it round, or double it.
  std::deque<consensus_message> wire;
  /// By whom they came.
  std::multimap<uint64_t, read_permit> permits;
  /// Leader and receiver of snapshots that are ordered and not sent yet.
  std::vector<std::pair<uint64_t, uint64_t>> snapshots;
  bool hold_snapshots = false;
  size_t reads_of_disk = 0;

  template <class Body>
  size_t count_sent(uint64_t from, uint64_t to = 0) const {
    size_t result = 0;
    for (auto& message : sent)
      if (message.from.value == from && (to == 0 || message.to.value == to)
          && std::holds_alternative<Body>(message.body))
        ++result;
    return result;
  }

  // -- the usual ways ---------------------------------------------------------

  /// Makes `n` stand, and expects it to win.
  void elect(uint64_t n);

  /// Appends a command at `n`, which leads; delivers nothing.
  uint64_t propose(uint64_t n, const std::string& payload = "command");

  /// Makes a change at `n` and delivers what follows.
  status change(uint64_t n, configuration_change::step what, uint64_t whom);

  /// Index of the newest entry that all who are up agree to be committed.
  uint64_t committed_everywhere() const;

  /// Terms of the entries in the log of `n` behind its base.
  std::vector<uint64_t> terms(uint64_t n);

private:
  struct bench_member {
    bench_disk disk;
    std::unique_ptr<consensus_machine> machine;
    bool slow = false;
    uint64_t seen_commit = 0;
    uint64_t starts = 0;
  };

  bool deliver_one();
  void send_snapshots();
  void check(uint64_t n);

  consensus_settings settings_;
  std::map<uint64_t, bench_member> members_;
  std::set<std::pair<uint64_t, uint64_t>> cuts_;
  std::vector<consensus_message> held_;
  std::map<uint64_t, uint64_t> leader_of_term_;
  std::map<uint64_t, log_entry> committed_;
};

template <class Body>
bool is(const consensus_message& message) {
  return std::holds_alternative<Body>(message.body);
}

template <class Body>
consensus_message message_of(uint64_t from, uint64_t to, uint64_t term,
                             Body body) {
  return {member_uid{from}, member_uid{to}, term, std::move(body)};
}

/// Each entry travels by itself.
inline consensus_settings one_entry_a_message() {
  auto result = members_bench::quick();
  result.append_entries = 1;
  return result;
}

/// Whether the message would bring entries behind the second to its receiver.
inline bool brings_more(members_bench& bench,
                        const consensus_message& message) {
  auto* append = std::get_if<append_request>(&message.body);
  return append != nullptr && !append->entries.empty()
         && append->entries.back()->index > 2
         && bench.at(message.to.value).log().has(append->previous);
}

inline entry_ptr entry_of(uint64_t index, uint64_t term,
                          std::string payload = {},
                          entry_kind kind = entry_kind::command) {
  return std::make_shared<const log_entry>(
    log_entry{index, term, std::move(payload), kind});
}

} // namespace agora
