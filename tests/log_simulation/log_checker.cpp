// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/log_simulation/log_checker.hpp"

#include <algorithm>

namespace agora::log_simulation {

namespace {

std::string place(const log_position& position) {
  return "entry " + std::to_string(position.index) + " of term "
         + std::to_string(position.term);
}

uint64_t key_of(uint64_t index, uint64_t term) {
  return (term << 32) ^ index;
}

} // namespace

void log_checker::check(const consensus_machine& machine, const disks& all) {
  check_leader(machine);
  check_commit(machine, all);
}

void log_checker::restarted(member_uid who) {
  commits_.erase(who);
}

/// Election safety and leader completeness.
void log_checker::check_leader(const consensus_machine& machine) {
  if (machine.role() != consensus_role::leader)
    return;
  auto [known, is_new] = leaders_.try_emplace(machine.term(), machine.self());
  if (known->second != machine.self())
    throw violation{"term " + std::to_string(machine.term())
                    + " has two leaders: " + to_string(known->second) + " and "
                    + to_string(machine.self())};
  if (!is_new)
    return;
  auto& log = machine.log();
  for (auto i = log.base().index + 1; i <= committed_.size(); ++i)
    if (auto& entry = committed_[i - 1];
        entry.committed_in < machine.term() && log.term_at(i) != entry.term)
      throw violation{to_string(machine.self()) + " leads term "
                      + std::to_string(machine.term()) + " without "
                      + place({entry.term, i}) + ", which is committed"};
}

/// State machine safety: what is committed anywhere is committed everywhere.
void log_checker::check_commit(const consensus_machine& machine,
                               const disks& all) {
  auto& log = machine.log();
  auto& seen = commits_[machine.self()];
  auto commit = log.commit_index();
  if (commit < seen)
    throw violation{to_string(machine.self()) + " goes back from commit "
                    + std::to_string(seen) + " to " + std::to_string(commit)};
  if (commit == seen)
    return;
  for (auto i = std::max(seen, log.base().index) + 1; i <= commit; ++i) {
    auto term = *log.term_at(i);
    if (i > committed_.size() + 1)
      throw violation{to_string(machine.self()) + " skips to commit "
                      + std::to_string(i)};
    if (i == committed_.size() + 1)
      committed_.push_back(
        {term, machine.term(), written_.at(key_of(i, term)).payload, 0, false});
    else if (committed_[i - 1].term != term)
      throw violation{to_string(machine.self()) + " commits " + place({term, i})
                      + ", and committed was term "
                      + std::to_string(committed_[i - 1].term)};
  }
  if (machine.role() == consensus_role::leader && commit > seen)
    check_durable(machine, all);
  seen = commit;
}

/// What a leader counts as committed is on the disks of a quorum.
void log_checker::check_durable(const consensus_machine& machine,
                                const disks& all) {
  auto index = machine.log().commit_index();
  log_position position{*machine.log().term_at(index), index};
  // A change of the members counts from the moment it is in the log.
  auto& members = machine.log().members();
  size_t holders = 0;
  for (auto& member : members.members())
    if (!member.learner && all.at(member.uid).holds(position))
      ++holders;
  if (holders < members.quorum())
    throw violation{to_string(machine.self()) + " commits " + place(position)
                    + ", which is on " + std::to_string(holders) + " of "
                    + std::to_string(members.voters()) + " disks"};
}

void log_checker::check_sent(const consensus_message& what, const disks& all) {
  if (auto* vote = std::get_if<vote_answer>(&what.body);
      vote != nullptr && vote->granted && !vote->pre) {
    auto [known, is_new] = votes_.try_emplace({what.from, what.term}, what.to);
    if (known->second != what.to)
      throw violation{to_string(what.from) + " votes for "
                      + to_string(known->second) + " and for "
                      + to_string(what.to) + " in term "
                      + std::to_string(what.term)};
  }
  if (auto* answer = std::get_if<append_answer>(&what.body);
      answer != nullptr && answer->accepted
      && all.at(what.from).last_index() < answer->index)
    throw violation{to_string(what.from) + " promises "
                    + std::to_string(answer->index) + ", and its disk has "
                    + std::to_string(all.at(what.from).last_index())};
}

void log_checker::founded(const log_entry& first) {
  written_[key_of(first.index, first.term)]
    = {mix(static_cast<uint64_t>(first.kind), first.payload), 0,
       *configuration::decode(first.payload)};
}

void log_checker::check_written(const persist_order& order,
                                const consensus_machine& machine) {
  auto& log = machine.log();
  for (auto& entry : order.entries) {
    identity is{mix(static_cast<uint64_t>(entry->kind), entry->payload),
                log.term_at(entry->index - 1).value_or(0),
                {}};
    auto [known, is_new]
      = written_.try_emplace(key_of(entry->index, entry->term), is);
    if (known->second.payload != is.payload
        || known->second.term_before != is.term_before)
      throw violation{place({entry->term, entry->index})
                      + " is not the same everywhere"};
    if (is_new && entry->kind == entry_kind::configuration) {
      known->second.members = *configuration::decode(entry->payload);
      check_change(*entry, known->second);
    }
  }
  check_members(log, machine.self());
}

/// Members change one at a time, and not before their leader knows what is
/// committed: majorities that have nobody in common need several such changes,
/// and a run may be too short for them.
void log_checker::check_change(const log_entry& entry,
                               const identity& written) const {
  log_position position{entry.term, entry.index};
  auto [at, before] = members_before({written.term_before, entry.index - 1});
  if (before == nullptr)
    return;
  if (at.index > committed_.size())
    throw violation{place(position) + " changes the members before " + place(at)
                    + ", which does so, is committed"};
  // Later leaders may have committed more, unheard by this one.
  auto of_its_term = [&](auto& one) {
    return one.term == entry.term;
  };
  if (std::none_of(committed_.begin(), committed_.end(), of_its_term))
    throw violation{place(position)
                    + " changes the members, and nothing of its term is "
                      "committed"};
  size_t changes = 0;
  for (auto& member : before->members()) {
    auto* after = written.members->find(member.uid);
    changes += after == nullptr || *after != member ? 1 : 0;
  }
  for (auto& member : written.members->members())
    changes += before->find(member.uid) == nullptr ? 1 : 0;
  if (changes > 1)
    throw violation{place(position) + " changes " + std::to_string(changes)
                    + " members"};
}

/// The configuration in force at a position of the log that leads there;
/// nothing if that begins with a snapshot.
std::pair<log_position, const configuration*>
log_checker::members_before(const log_position& position) const {
  for (auto at = position; at.index > 0;) {
    auto found = written_.find(key_of(at.index, at.term));
    if (found == written_.end())
      break;
    if (found->second.members)
      return {at, &*found->second.members};
    at = {found->second.term_before, at.index - 1};
  }
  return {};
}

/// A member goes by the newest configuration that its log has.
void log_checker::check_members(const log_view& log, member_uid who) const {
  auto [at, members] = members_before(log.last());
  if (members != nullptr && log.members() != *members)
    throw violation{to_string(who) + " does not go by " + place(at)};
}

void log_checker::check_applied(member_uid who, const log_entry& entry,
                                const simulated_registers& state) {
  if (entry.index > committed_.size())
    throw violation{to_string(who) + " applies what is not committed"};
  auto& known = committed_[entry.index - 1];
  if (known.payload != mix(static_cast<uint64_t>(entry.kind), entry.payload))
    throw violation{to_string(who) + " applies another "
                    + place({entry.term, entry.index})};
  if (known.applied && known.digest != state.digest())
    throw violation{to_string(who) + " has another state at "
                    + place({entry.term, entry.index})};
  known.digest = state.digest();
  if (!std::exchange(known.applied, true)
      && entry.kind == entry_kind::command) {
    auto what = command::decode(entry.payload);
    // Retries of it may be in the log again, behind it.
    effects_.try_emplace({what.client, what.number}, entry.index);
  }
}

void log_checker::check_installed(member_uid who, const state_at& what) {
  if (what.index > committed_.size() || !committed_[what.index - 1].applied
      || committed_[what.index - 1].digest != what.state.digest())
    throw violation{to_string(who) + " installs a state that never was"};
}

uint64_t log_checker::index_of(uint32_t client, uint64_t number) const {
  auto found = effects_.find({client, number});
  return found == effects_.end() ? 0 : found->second;
}

} // namespace agora::log_simulation
