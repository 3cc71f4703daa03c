// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/log_simulation/log_faults.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <numeric>
#include <utility>

namespace agora::log_simulation {

namespace {

constexpr milliseconds outage_least = 50;
constexpr milliseconds outage_most = 2'500;
constexpr int change_attempts = 20;

} // namespace

log_faults::log_faults(simulated_log_world& world, const plan& how,
                       log_network& network, members_by_uid& members,
                       std::function<void()> add_spare)
  : world_(world),
    plan_(how),
    network_(network),
    members_(members),
    add_spare_(std::move(add_spare)) {
  // nop
}

void log_faults::start() {
  for (size_t i = 0; i < plan_.spares; ++i)
    add_spare_();
  world_.after(plan_.fault_pause, [this] {
    next();
  });
}

void log_faults::stop() {
  stopped_ = true;
  network_.heal();
  for (auto& [uid, member] : members_)
    member->start();
}

void log_faults::next() {
  if (stopped_)
    return;
  auto& weights = plan_.weights;
  const std::array<std::pair<unsigned, fault>, 11> faults{{
    {weights.crash, &log_faults::crash},
    {weights.crash_all, &log_faults::crash_all},
    {weights.partition, &log_faults::partition},
    {weights.one_way, &log_faults::one_way},
    {weights.isolate_leader, &log_faults::isolate_leader},
    {weights.slow_disk, &log_faults::slow_disk},
    {weights.pause, &log_faults::pause},
    {weights.clock_jump, &log_faults::clock_jump},
    {weights.transfer, &log_faults::transfer},
    {weights.change_members, &log_faults::change_members},
    {weights.wipe, &log_faults::wipe},
  }};
  uint64_t all = 0;
  for (auto& [weight, what] : faults)
    all += weight;
  if (all == 0)
    return;
  auto drawn = world_.random.below(all);
  for (auto& [weight, what] : faults) {
    if (drawn < weight) {
      ++count_;
      (this->*what)();
      break;
    }
    drawn -= weight;
  }
  world_.after(world_.random.between(1, 2 * plan_.fault_pause), [this] {
    next();
  });
}

simulated_log_member& log_faults::any() {
  auto which = world_.random.below(members_.size());
  return *std::next(members_.begin(), static_cast<ptrdiff_t>(which))->second;
}

/// Of the latest term: another may believe that it leads, too.
simulated_log_member* log_faults::leader() {
  simulated_log_member* result = nullptr;
  for (auto& [uid, member] : members_)
    if (member->up() && member->machine().role() == consensus_role::leader
        && (result == nullptr
            || result->machine().term() < member->machine().term()))
      result = member.get();
  return result;
}

/// The connection ends: both sides may notice it, at different times.
void log_faults::tell_lost(member_uid from, member_uid to) {
  if (world_.random.chance(0.3))
    return;
  world_.after(world_.random.between(0, 40), [this, from, to] {
    members_.at(to)->with([from](consensus_machine& machine) {
      machine.peer_lost(from);
    });
  });
}

void log_faults::end_process(simulated_log_member& which) {
  if (!which.up())
    return;
  world_.say("%s crashes", to_string(which.uid()).c_str());
  which.crash();
  for (auto& [uid, member] : members_)
    if (uid != which.uid())
      tell_lost(which.uid(), uid);
  world_.after(world_.random.between(outage_least, outage_most),
               [&which, this] {
                 if (!stopped_)
                   which.start();
               });
}

void log_faults::crash() {
  auto* leads = leader();
  end_process(leads != nullptr && world_.random.chance(0.5) ? *leads : any());
}

void log_faults::crash_all() {
  for (auto& [uid, member] : members_)
    end_process(*member);
}

void log_faults::cut_between(const std::vector<member_uid>& some,
                             bool both_ways) {
  std::vector<std::pair<member_uid, member_uid>> ways;
  for (auto from : some)
    for (auto& [to, member] : members_)
      if (std::find(some.begin(), some.end(), to) == some.end()) {
        ways.emplace_back(from, to);
        if (both_ways)
          ways.emplace_back(to, from);
      }
  for (auto& [from, to] : ways) {
    network_.cut(from, to);
    if (world_.random.chance(0.3))
      tell_lost(from, to);
  }
  world_.say("%zu ways are cut", ways.size());
  world_.after(world_.random.between(outage_least, outage_most), [this, ways] {
    for (auto& [from, to] : ways)
      network_.join(from, to);
  });
}

void log_faults::partition() {
  std::vector<member_uid> some;
  for (auto& [uid, member] : members_)
    if (world_.random.chance(0.5))
      some.push_back(uid);
  cut_between(some, true);
}

void log_faults::one_way() {
  cut_between({any().uid()}, false);
}

void log_faults::isolate_leader() {
  if (auto* which = leader())
    cut_between({which->uid()}, world_.random.chance(0.7));
}

void log_faults::slow_disk() {
  auto* leads = leader();
  auto& which = leads != nullptr && world_.random.chance(0.5) ? *leads : any();
  which.slow_down(world_.random.between(outage_least, outage_most),
                  world_.random.between(20, 400));
}

void log_faults::pause() {
  auto* leads = leader();
  auto& which = leads != nullptr && world_.random.chance(0.5) ? *leads : any();
  world_.say("%s is paused", to_string(which.uid()).c_str());
  which.pause(world_.random.between(outage_least, outage_most));
}

void log_faults::clock_jump() {
  auto ticks = world_.random.between(1, 60);
  any().with([ticks](consensus_machine& machine) {
    for (int64_t i = 0; i < ticks; ++i)
      machine.tick();
  });
}

void log_faults::transfer() {
  if (auto* which = leader())
    which->with([to = any().uid()](consensus_machine& machine) {
      // Refused if that one cannot lead.
      static_cast<void>(machine.transfer(to));
    });
}

/// Asked again and again, so that a leader hears it as soon as it leads.
void log_faults::change_members() {
  try_change(any().uid(), change_attempts);
}

void log_faults::try_change(member_uid chosen, int attempts) {
  if (stopped_ || attempts == 0)
    return;
  auto* which = leader();
  if (which != nullptr && !which->paused() && change_at(*which, chosen)) {
    // Those who were told last may be the only ones.
    if (world_.random.chance(0.4))
      world_.after(world_.random.between(0, 20), [this, uid = which->uid()] {
        cut_between({uid}, true);
      });
    return;
  }
  world_.after(world_.random.between(1, 30), [this, chosen, attempts] {
    try_change(chosen, attempts - 1);
  });
}

bool log_faults::change_at(simulated_log_member& which, member_uid chosen) {
  using step = configuration_change::step;
  auto& members = which.machine().log().members();
  configuration_change change;
  change.member.uid = chosen;
  auto* known = members.find(chosen);
  if (known == nullptr) {
    change.member.number = static_cast<uint32_t>(chosen.value);
    change.what = step::add_learner;
  } else if (known->learner) {
    change.what = step::promote;
  } else if (members.voters() > 2) {
    change.what = step::remove;
  } else {
    return true; // Nothing to do.
  }
  auto done = false;
  which.with([&](consensus_machine& machine) {
    auto index = machine.change(change);
    done = index.engaged();
    if (done)
      world_.say("change %d of %s is entry %llu", static_cast<int>(change.what),
                 to_string(chosen).c_str(),
                 static_cast<unsigned long long>(*index));
  });
  return done;
}

/// A machine comes back with an empty disk: it is a new member, and the old one
/// is taken out.
void log_faults::wipe() {
  auto* which = leader();
  if (which == nullptr)
    return;
  auto& chosen = any();
  if (&chosen == which
      || which->machine().log().members().find(chosen.uid()) == nullptr)
    return;
  configuration_change change;
  change.what = configuration_change::step::remove;
  change.member.uid = chosen.uid();
  which->with([this, change](consensus_machine& machine) {
    if (machine.log().members().voters() > 2 && machine.change(change)) {
      world_.say("%s is replaced", to_string(change.member.uid).c_str());
      add_spare_();
    }
  });
}

} // namespace agora::log_simulation
