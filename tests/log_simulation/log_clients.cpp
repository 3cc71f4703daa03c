// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/log_simulation/log_clients.hpp"

#include <algorithm>
#include <iterator>

namespace agora::log_simulation {

namespace {

constexpr milliseconds attempt_most = 600;

uint64_t read_id(uint32_t which, uint64_t attempt) {
  return attempt * clients + which;
}

} // namespace

log_clients::log_clients(simulated_log_world& world, log_checker& checker,
                         members_by_uid& members)
  : world_(world), checker_(checker), members_(members) {
  // nop
}

void log_clients::start() {
  for (uint32_t i = 0; i < clients; ++i)
    next(i);
}

bool log_clients::idle() const {
  return std::none_of(clients_.begin(), clients_.end(), [](auto& one) {
    return one.busy;
  });
}

void log_clients::next(uint32_t which) {
  if (stopped_)
    return;
  auto& one = clients_[which];
  auto& random = world_.random;
  one.busy = true;
  one.reads = random.chance(0.4);
  one.floor = floor_;
  one.what.client = which;
  one.what.which = static_cast<uint32_t>(random.below(registers));
  if (!one.reads) {
    one.what.number = ++one.number;
    one.what.value = ++values_;
    one.what.expected.reset();
    // One of the last values: some succeed.
    if (random.chance(0.5))
      one.what.expected = values_ - std::min(values_, random.below(6));
  }
  attempt(which);
}

void log_clients::attempt(uint32_t which) {
  auto& one = clients_[which];
  ++one.attempt;
  one.index = one.term = 0;
  one.permit.reset();
  auto& random = world_.random;
  auto where = hint_;
  if (where == member_uid{} || random.chance(0.2)) {
    auto chosen = std::next(
      members_.begin(), static_cast<ptrdiff_t>(random.below(members_.size())));
    where = chosen->first;
  }
  one.asked = where;
  again(which, random.between(attempt_most / 3, attempt_most));
  ask(which, where);
}

void log_clients::ask(uint32_t which, member_uid where) {
  auto attempt_now = clients_[which].attempt;
  members_.at(where)->with(
    [this, which, where, attempt_now](consensus_machine& machine) {
      auto& one = clients_[which];
      if (one.attempt != attempt_now || !one.busy)
        return;
      hint_ = machine.leader();
      if (!members_.contains(hint_))
        hint_ = {};
      if (one.reads) {
        if (machine.read_index(read_id(which, one.attempt)))
          again(which, 20);
        return;
      }
      if (auto index = machine.propose({one.what.encode()})) {
        one.index = *index;
        one.term = machine.term();
      } else {
        again(which, 20);
      }
      (void)where;
    });
}

/// Unless there is an answer until then.
void log_clients::again(uint32_t which, milliseconds delay) {
  world_.after(delay, [this, which, attempt_now = clients_[which].attempt] {
    auto& one = clients_[which];
    if (one.busy && one.attempt == attempt_now) {
      if (one.index != 0 || one.reads)
        hint_ = {};
      attempt(which);
    }
  });
}

void log_clients::applied(member_uid where, const log_entry& entry,
                          const simulated_registers::outcome&) {
  for (uint32_t i = 0; i < clients; ++i) {
    auto& one = clients_[i];
    if (!one.busy || one.asked != where)
      continue;
    if (one.reads && one.permit && entry.index >= *one.permit)
      answer_read(i, *members_.at(where));
    else if (!one.reads && one.index == entry.index && one.term == entry.term)
      answered_at(i, checker_.index_of(i, one.what.number));
  }
}

void log_clients::permitted(member_uid where, const read_permit& permit) {
  auto which = static_cast<uint32_t>(permit.id % clients);
  auto& one = clients_[which];
  if (!one.busy || !one.reads || permit.id != read_id(which, one.attempt)
      || permit.index == 0)
    return;
  one.permit = permit.index;
  auto& member = *members_.at(where);
  if (member.applied() >= permit.index)
    answer_read(which, member);
}

void log_clients::answer_read(uint32_t which,
                              const simulated_log_member& where) {
  answered_at(which, where.applied());
}

void log_clients::answered_at(uint32_t which, uint64_t index) {
  auto& one = clients_[which];
  if (index == 0)
    throw violation{"client " + std::to_string(which)
                    + " hears of a command that took no effect"};
  // A write stands behind everything that was answered before it was asked; a
  // read may stand at the same place.
  if (index < one.floor || (!one.reads && index == one.floor))
    throw violation{std::string{"not linearizable: a "}
                    + (one.reads ? "read" : "write") + " at index "
                    + std::to_string(index) + " was asked after index "
                    + std::to_string(one.floor) + " had been answered"};
  floor_ = std::max(floor_, index);
  ++answered_;
  one.busy = false;
  ++one.attempt;
  world_.after(world_.random.between(1, 60), [this, which] {
    next(which);
  });
}

void log_clients::lost(member_uid where) {
  for (uint32_t i = 0; i < clients; ++i)
    if (clients_[i].busy && clients_[i].asked == where)
      again(i, world_.random.between(5, 50));
}

} // namespace agora::log_simulation
