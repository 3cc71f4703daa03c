// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/log_simulation/log_run.hpp"

#include "tests/log_simulation/log_faults.hpp"

#include <algorithm>

namespace agora::log_simulation {

namespace {

/// So many answers show that work goes on when all is mended.
constexpr uint64_t answers_when_mended = 10;
constexpr size_t members_most = 9;
constexpr milliseconds snapshot_least = 20;
constexpr milliseconds snapshot_most = 300;

/// All of one run.
class run {
public:
  run(uint64_t seed, std::optional<profile> how, bool verbose)
    : world_(seed, verbose),
      plan_(make_plan(world_.random, how)),
      network_(world_, plan_),
      clients_(world_, checker_, members_),
      faults_(world_, plan_, network_, members_, [this] {
        add_spare();
      }) {
    outputs_.send = [this](auto& message) {
      carry(message);
    };
    outputs_.send_snapshot
      = [this](auto from, auto to, auto& mark, auto& state, auto term) {
          carry_snapshot(from, to, mark, state, term);
        };
    outputs_.applied = [this](auto where, auto& entry, auto& outcome) {
      clients_.applied(where, entry, outcome);
    };
    outputs_.permitted = [this](auto where, auto& permit) {
      clients_.permitted(where, permit);
    };
    outputs_.lost = [this](auto where) {
      clients_.lost(where);
    };
  }

  run_outcome result() {
    run_outcome outcome;
    outcome.how = plan_.how;
    try {
      found();
      clients_.start();
      faults_.start();
      until(plan_.turbulence, [] {
        return false;
      });
      settle();
    } catch (const violation& why) {
      outcome.violation = why.what();
    }
    outcome.steps = world_.steps();
    outcome.faults = faults_.count();
    outcome.entries = checker_.commit_index();
    outcome.answers = clients_.answered();
    return outcome;
  }

private:
  /// One member founds the log, and knows all of its first members; the others
  /// are taken in.
  void found() {
    std::vector<log_member> founders;
    for (size_t i = 1; i <= plan_.founders; ++i)
      founders.push_back({member_uid{i}, static_cast<uint32_t>(i), {}, false});
    auto& first = disks_[member_uid{1}];
    first = simulated_log_disk::founded(*configuration::make(founders));
    checker_.founded(*first.find(1));
    for (auto& founder : founders)
      add(founder.uid);
  }

  void add(member_uid uid) {
    disks_[uid];
    auto member = std::make_unique<simulated_log_member>(
      uid, world_, plan_, checker_, disks_, outputs_);
    member->start();
    members_[uid] = std::move(member);
  }

  void add_spare() {
    if (members_.size() < members_most)
      add(member_uid{members_.size() + 1});
  }

  void carry(const consensus_message& message) {
    if (!members_.contains(message.to))
      throw violation{to_string(message.from) + " writes to "
                      + to_string(message.to) + ", which does not exist"};
    network_.carry(message.from, message.to, [this, message] {
      members_.at(message.to)->with([message](consensus_machine& machine) {
        machine.receive(message);
      });
    });
  }

  void carry_snapshot(member_uid from, member_uid to, const snapshot_mark& mark,
                      const state_at& state, uint64_t term) {
    auto takes = world_.random.between(snapshot_least, snapshot_most);
    world_.after(takes, [this, from, to, mark, state, term] {
      auto arrives
        = !network_.is_cut(from, to) && !world_.random.chance(plan_.loss);
      if (arrives)
        members_.at(to)->install(mark, state, from, term);
      world_.after(1, [this, from, to, index = arrives ? mark.last.index : 0] {
        members_.at(from)->with([to, index](consensus_machine& machine) {
          machine.snapshot_ended(to, index);
        });
      });
    });
  }

  template <class Done>
  bool until(milliseconds limit, Done done) {
    auto end = world_.now() + limit;
    while (world_.now() < end)
      if (done() || !world_.step())
        return true;
    return done();
  }

  /// When all is mended, work goes on, and everybody who is a member has
  /// everything.
  void settle() {
    faults_.stop();
    auto before = clients_.answered();
    if (!until(plan_.settle_limit, [&] {
          return clients_.answered() >= before + answers_when_mended;
        }))
      throw violation{"does not settle: clients got "
                      + std::to_string(clients_.answered() - before)
                      + " answers; " + what_lacks()};
    clients_.stop();
    if (!until(plan_.settle_limit, [&] {
          return clients_.idle() && all_agree();
        }))
      throw violation{"does not settle: " + what_lacks()};
  }

  std::string what_lacks() const {
    std::string text;
    for (auto& [uid, member] : members_)
      if (member->up()) {
        auto& machine = member->machine();
        text += to_string(uid) + " (" + to_string(machine.role()) + ") has "
                + std::to_string(machine.log().last_index()) + ", committed "
                + std::to_string(machine.log().commit_index()) + ", applied "
                + std::to_string(member->applied()) + "; ";
        if (auto* leads = machine.leads())
          for (auto& [other, unused] : members_)
            if (auto* progress = leads->progress_of(other))
              text += to_string(other) + " phase "
                      + std::to_string(static_cast<int>(progress->in()))
                      + " match " + std::to_string(progress->match()) + " next "
                      + std::to_string(progress->next())
                      + (progress->is_reading() ? " reading" : "")
                      + (progress->may_send() ? " may send" : "") + " base "
                      + std::to_string(machine.log().base().index) + " tail "
                      + std::to_string(machine.log().tail_first()) + "; ";
      }
    return text + (clients_.idle() ? "clients rest" : "clients wait");
  }

  bool all_agree() const {
    auto leads = std::find_if(members_.begin(), members_.end(), [](auto& one) {
      return one.second->up()
             && one.second->machine().role() == consensus_role::leader;
    });
    if (leads == members_.end())
      return false;
    auto& log = leads->second->machine().log();
    auto& members = log.members().members();
    return std::all_of(members.begin(), members.end(), [&](auto& member) {
      return members_.at(member.uid)->applied() == log.last_index();
    });
  }

  simulated_log_world world_;
  plan plan_;
  log_network network_;
  log_checker checker_;
  log_checker::disks disks_;
  members_by_uid members_;
  member_outputs outputs_;
  log_clients clients_;
  log_faults faults_;
};

} // namespace

run_outcome run_seed(uint64_t seed, std::optional<profile> how, bool verbose) {
  return run{seed, how, verbose}.result();
}

} // namespace agora::log_simulation
