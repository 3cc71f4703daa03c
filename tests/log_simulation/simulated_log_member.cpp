// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/log_simulation/simulated_log_member.hpp"

#include "runtime/base/check.hpp"

#include <algorithm>
#include <utility>

namespace agora::log_simulation {

namespace {

constexpr milliseconds tick_length = 10;

} // namespace

simulated_log_member::simulated_log_member(
  member_uid uid, simulated_log_world& world, const plan& how,
  log_checker& checker, log_checker::disks& disks, member_outputs& out)
  : uid_(uid),
    world_(world),
    plan_(how),
    checker_(checker),
    disks_(disks),
    out_(out) {
  // nop
}

void simulated_log_member::start() {
  if (up())
    return;
  ++life_;
  auto& disk = disks_[uid_];
  state_ = disk.state();
  compacted_ = disk.base().index;
  checker_.restarted(uid_);
  machine_ = std::make_unique<consensus_machine>(
    uid_, disk.restore(), plan_.settings, world_.random.next());
  flushing_ = false;
  later(world_.random.between(0, tick_length), [this] {
    tick();
  });
}

void simulated_log_member::crash() {
  if (!up())
    return;
  ++life_;
  machine_.reset();
  staged_.reset();
  led_ = false;
  disks_[uid_].crash(world_.random);
  out_.lost(uid_);
}

void simulated_log_member::pause(milliseconds how_long) {
  paused_until_ = std::max(paused_until_, world_.now() + how_long);
}

void simulated_log_member::slow_down(milliseconds how_long,
                                     milliseconds latency) {
  slow_until_ = world_.now() + how_long;
  slow_latency_ = latency;
}

void simulated_log_member::later(milliseconds delay,
                                 std::function<void()> what) {
  world_.after(delay, [this, life = life_, what = std::move(what)] {
    if (life != life_)
      return;
    if (world_.now() < paused_until_)
      return later(paused_until_ - world_.now(), what);
    what();
  });
}

void simulated_log_member::tick() {
  with([](consensus_machine& machine) {
    machine.tick();
  });
  later(tick_length, [this] {
    tick();
  });
}

void simulated_log_member::with(
  const std::function<void(consensus_machine&)>& what) {
  if (!up())
    return;
  if (world_.now() < paused_until_)
    return later(paused_until_ - world_.now(), [this, what] {
      with(what);
    });
  what(*machine_);
  drain();
}

void simulated_log_member::install(const snapshot_mark& mark,
                                   const state_at& state, member_uid from,
                                   uint64_t term) {
  with([this, mark, state, from, term](consensus_machine& machine) {
    if (!machine.install(mark, from, term))
      return;
    world_.say("%s installs a snapshot at %llu", to_string(uid_).c_str(),
               static_cast<unsigned long long>(mark.last.index));
    checker_.check_installed(uid_, state);
    state_ = state;
    compacted_ = mark.last.index;
    staged_ = state;
  });
}

void simulated_log_member::drain() {
  auto leads = machine_->role() == consensus_role::leader;
  if (std::exchange(led_, leads) != leads) {
    world_.say("%s %s term %llu", to_string(uid_).c_str(),
               leads ? "leads" : "does not lead",
               static_cast<unsigned long long>(machine_->term()));
    if (!leads)
      out_.lost(uid_);
  }
  for (;;) {
    auto ready = machine_->take_ready();
    checker_.check(*machine_, disks_);
    if (ready.empty())
      break;
    carry_out(std::move(ready));
  }
  apply_committed();
  compact();
}

void simulated_log_member::carry_out(consensus_ready ready) {
  for (auto& message : ready.send) {
    checker_.check_sent(message, disks_);
    out_.send(message);
  }
  if (ready.persist) {
    checker_.check_written(*ready.persist, *machine_);
    disk_write what;
    if (ready.persist->install)
      what.snapshot = std::exchange(staged_, std::nullopt);
    what.order = std::move(ready.persist);
    write(std::move(what));
  }
  for (auto& order : ready.reads)
    read(order);
  for (auto& order : ready.snapshots) {
    auto& log = machine_->log();
    out_.send_snapshot(uid_, order.to,
                       {{*log.term_at(state_.index), state_.index},
                        log.members_at(state_.index)},
                       state_, machine_->term());
  }
  for (auto& permit : ready.permits)
    out_.permitted(uid_, permit);
}

void simulated_log_member::write(disk_write what) {
  disks_[uid_].submit(std::move(what));
  if (!flushing_)
    flush();
}

/// Everything that is queued by then is one group: a slow disk makes it larger.
void simulated_log_member::flush() {
  flushing_ = true;
  auto latency = world_.now() < slow_until_
                   ? slow_latency_
                   : world_.random.between(0, plan_.disk_most);
  later(latency, [this, count = disks_[uid_].under_way()] {
    for (size_t i = 0; i < count; ++i)
      finish(disks_[uid_].finish_one());
    flushing_ = false;
    if (disks_[uid_].under_way() > 0)
      flush();
  });
}

void simulated_log_member::finish(const disk_write& done) {
  with([&](consensus_machine& machine) {
    if (done.order)
      machine.persisted(done.order->ticket);
    if (done.compact_to != 0)
      machine.compact_to(done.compact_to);
  });
}

void simulated_log_member::read(const read_order& what) {
  later(world_.random.between(0, plan_.disk_most), [this, what] {
    std::vector<entry_ptr> entries;
    size_t bytes = 0;
    for (auto i = what.first; i <= what.last && bytes < what.bytes; ++i) {
      auto entry = disks_[uid_].find(i);
      if (!entry)
        break;
      bytes += entry->payload.size();
      entries.push_back(std::move(entry));
    }
    with([&](consensus_machine& machine) {
      machine.entries_read(what.for_member, entries);
    });
  });
}

void simulated_log_member::apply_committed() {
  auto& log = machine_->log();
  auto before = state_.index;
  while (state_.index < log.commit_index()) {
    auto index = state_.index + 1;
    auto entry = log.find(index);
    if (!entry)
      entry = disks_[uid_].find(index);
    if (!entry || entry->term != log.term_at(index))
      throw violation{to_string(uid_) + " cannot read committed entry "
                      + std::to_string(index)};
    simulated_registers::outcome outcome;
    if (entry->kind == entry_kind::command)
      outcome = state_.state.apply(command::decode(entry->payload));
    state_.index = index;
    checker_.check_applied(uid_, *entry, state_.state);
    out_.applied(uid_, *entry, outcome);
  }
  if (state_.index == before)
    return;
  disk_write what;
  what.state = state_;
  write(std::move(what));
}

void simulated_log_member::compact() {
  if (plan_.compact_every == 0
      || state_.index < compacted_ + plan_.compact_keep + plan_.compact_every)
    return;
  // What is not on the disk yet stays.
  auto until = std::min(state_.index - plan_.compact_keep,
                        machine_->log().persisted_index());
  if (until <= compacted_)
    return;
  compacted_ = until;
  disk_write what;
  what.compact_to = until;
  write(std::move(what));
}

} // namespace agora::log_simulation
