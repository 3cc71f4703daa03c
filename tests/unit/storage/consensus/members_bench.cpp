// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/storage/consensus/members_bench.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace agora {

// -- members ------------------------------------------------------------------

consensus_settings members_bench::quick() {
  consensus_settings result;
  result.heartbeat_ticks = 2;
  result.election_ticks = 10;
  return result;
}

log_member members_bench::member(uint64_t n, bool learner) {
  return {member_uid{n}, static_cast<uint32_t>(n), "host-" + std::to_string(n),
          learner};
}

configuration members_bench::members(uint64_t voters) {
  std::vector<log_member> result;
  for (uint64_t n = 1; n <= voters; ++n)
    result.push_back(member(n));
  return *configuration::make(std::move(result));
}

members_bench::members_bench(uint64_t voters,
                             const consensus_settings& settings)
  : settings_(settings) {
  auto first
    = entry_of(1, 1, members(voters).encode(), entry_kind::configuration);
  for (uint64_t n = 1; n <= voters; ++n) {
    auto& disk = members_[n].disk;
    disk.vote.term = 1;
    disk.entries.push_back(first);
    disk.commit = 1;
    restart(n);
  }
}

void members_bench::add_blank(uint64_t n) {
  members_[n] = {};
  restart(n);
}

void members_bench::crash(uint64_t n) {
  auto& who = members_.at(n);
  who.machine.reset();
  who.disk.under_way.clear();
}

void members_bench::restart(uint64_t n) {
  crash(n);
  auto& who = members_.at(n);
  who.machine = std::make_unique<consensus_machine>(
    member_uid{n}, who.disk.restore(), settings_, n + 100 * who.starts++);
  who.seen_commit = who.disk.base.index;
}

void members_bench::give_log(uint64_t n, const std::vector<uint64_t>& terms,
                             uint64_t term) {
  auto& disk = members_.at(n).disk;
  disk.entries.resize(1);
  for (auto one : terms)
    disk.entries.push_back(
      entry_of(disk.last_index() + 1, one, "of term " + std::to_string(one)));
  disk.vote = {term, {}};
  restart(n);
}

void members_bench::free_disk(uint64_t n) {
  members_.at(n).slow = false;
  collect(n);
}

void members_bench::persist(uint64_t n) {
  auto& who = members_.at(n);
  while (!who.disk.under_way.empty())
    who.machine->persisted(who.disk.finish_one());
}

void members_bench::compact(uint64_t n, uint64_t index) {
  at(n).compact_to(index);
  disk(n).compact_to(index);
}

// -- time and messages --------------------------------------------------------

void members_bench::tick(uint64_t n, uint32_t times) {
  for (; times > 0; --times) {
    at(n).tick();
    collect(n);
  }
}

void members_bench::tick_all(uint32_t times) {
  for (; times > 0; --times) {
    for (auto& [n, who] : members_)
      if (who.machine)
        tick(n);
    deliver_all();
  }
}

void members_bench::collect(uint64_t n) {
  auto& who = members_.at(n);
  for (auto again = true; again && who.machine;) {
    auto ready = who.machine->take_ready();
    again = !ready.empty();
    if (ready.persist)
      who.disk.under_way.push_back(*ready.persist);
    for (auto& message : ready.send) {
      sent.push_back(message);
      wire.push_back(std::move(message));
    }
    for (auto& order : ready.snapshots)
      snapshots.emplace_back(n, order.to.value);
    for (auto& permit : ready.permits)
      permits.emplace(n, permit);
    for (auto& order : ready.reads) {
      ++reads_of_disk;
      std::vector<entry_ptr> entries;
      for (auto i = order.first; i <= order.last && who.disk.find(i); ++i)
        entries.push_back(who.disk.find(i));
      who.machine->entries_read(order.for_member, entries);
    }
    if (!who.slow && !who.disk.under_way.empty()) {
      persist(n);
      again = true;
    }
    check(n);
  }
}

void members_bench::check(uint64_t n) {
  auto& who = members_.at(n);
  auto& log = who.machine->log();
  if (who.machine->leads() != nullptr) {
    auto leader = leader_of_term_.try_emplace(who.machine->term(), n).first;
    EXPECT_EQ(leader->second, n) << "two lead in " << leader->first;
  }
  while (who.seen_commit < log.commit_index()) {
    auto entry = log.find(++who.seen_commit);
    if (!entry)
      entry = who.disk.find(who.seen_commit);
    if (!entry)
      continue; // A snapshot has it.
    auto first = committed_.try_emplace(who.seen_commit, *entry).first;
    EXPECT_EQ(first->second, *entry) << "committed twice at " << n;
  }
}

void members_bench::deliver_all() {
  // A test that goes round in circles ends nevertheless.
  for (auto steps = 100'000; steps > 0; --steps) {
    for (auto& [n, who] : members_)
      if (who.machine)
        collect(n);
    if (!hold_snapshots)
      send_snapshots();
    if (!deliver_one())
      return;
  }
  ADD_FAILURE() << "the members never come to rest";
}

bool members_bench::deliver_one() {
  if (wire.empty())
    return false;
  auto message = std::move(wire.front());
  wire.pop_front();
  auto to = members_.find(message.to.value);
  if (to == members_.end() || !to->second.machine
      || cuts_.count({message.from.value, message.to.value}) != 0
      || (drop && drop(message)))
    return true;
  if (hold && hold(message))
    held_.push_back(std::move(message));
  else
    to->second.machine->receive(message);
  return true;
}

void members_bench::send_snapshots() {
  for (auto& [from, to] : std::exchange(snapshots, {})) {
    if (!is_up(from))
      continue;
    auto& log = at(from).log();
    auto commit = log.commit_index();
    auto arrives = is_up(to) && cuts_.count({from, to}) == 0;
    if (arrives)
      at(to).install({{*log.term_at(commit), commit}, log.members_at(commit)},
                     member_uid{from}, at(from).term());
    at(from).snapshot_ended(member_uid{to}, arrives ? commit : 0);
    collect(from);
    if (is_up(to))
      collect(to);
  }
}

void members_bench::cut(uint64_t a, uint64_t b) {
  cuts_.insert({a, b});
  cuts_.insert({b, a});
}

void members_bench::join(uint64_t a, uint64_t b) {
  cuts_.erase({a, b});
  cuts_.erase({b, a});
}

void members_bench::isolate(uint64_t n) {
  for (auto& other : members_)
    cut(n, other.first);
}

void members_bench::rejoin(uint64_t n) {
  for (auto& other : members_)
    join(n, other.first);
}

void members_bench::release_held() {
  hold = nullptr;
  for (auto& message : std::exchange(held_, {}))
    wire.push_back(std::move(message));
}

// -- the usual ways -----------------------------------------------------------

void members_bench::elect(uint64_t n) {
  at(n).campaign();
  deliver_all();
  ASSERT_EQ(at(n).role(), consensus_role::leader) << "member " << n;
}

uint64_t members_bench::propose(uint64_t n, const std::string& payload) {
  auto done = at(n).propose({payload});
  EXPECT_TRUE(done) << describe(done.error());
  collect(n);
  return done ? *done : 0;
}

status members_bench::change(uint64_t n, configuration_change::step what,
                             uint64_t whom) {
  auto done = at(n).change({what, member(whom)});
  deliver_all();
  return done ? status{} : done.error();
}

uint64_t members_bench::committed_everywhere() const {
  auto result = UINT64_MAX;
  for (auto& [n, who] : members_)
    if (who.machine)
      result = std::min(result, who.machine->log().commit_index());
  return result;
}

std::vector<uint64_t> members_bench::terms(uint64_t n) {
  std::vector<uint64_t> result;
  auto& log = at(n).log();
  for (auto i = log.base().index + 1; i <= log.last_index(); ++i)
    result.push_back(*log.term_at(i));
  return result;
}

} // namespace agora
