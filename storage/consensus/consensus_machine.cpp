// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/consensus/consensus_machine.hpp"

#include "runtime/base/check.hpp"
#include "storage/consensus/message_validator.hpp"

#include <algorithm>
#include <utility>

namespace agora {

namespace {

status follows(member_uid leader) {
  return fail(errc::not_leader, leader == member_uid{}
                                  ? "no leader is known"
                                  : to_string(leader) + " leads");
}

bool comes_from_a_leader(const consensus_body& body) {
  return std::holds_alternative<append_request>(body)
         || std::holds_alternative<heartbeat>(body)
         || std::holds_alternative<take_over>(body);
}

} // namespace

const char* to_string(consensus_role role) {
  switch (role) {
    case consensus_role::follower:
      return "follower";
    case consensus_role::pre_candidate:
      return "pre-candidate";
    case consensus_role::candidate:
      return "candidate";
    case consensus_role::leader:
      return "leader";
  }
  return "unknown";
}

consensus_machine::consensus_machine(member_uid self, restored_member from,
                                     const consensus_settings& settings,
                                     uint64_t seed)
  : self_(self),
    settings_(settings),
    chance_(seed),
    log_(std::move(from.log), settings.tail_bytes),
    vote_(from.vote),
    ordered_vote_(from.vote),
    // Answers to what it asked before its restart are not taken for new ones.
    round_(chance_()) {
  restart_timer();
}

// -- events -------------------------------------------------------------------

void consensus_machine::tick() {
  if (leadership_) {
    leadership_->tick();
    return check_leadership();
  }
  if (++silent_ticks_ >= patience_ticks_)
    campaign();
}

void consensus_machine::campaign() {
  if (leadership_)
    return;
  restart_timer();
  if (may_stand())
    stand(true, false);
}

void consensus_machine::receive(const consensus_message& message) {
  if (message.to != self_ || !is_well_formed(message))
    return;
  if (message.term > vote_.term && !takes_later_term(message))
    return;
  if (message.term < vote_.term)
    return answer_earlier_term(message);
  if (comes_from_a_leader(message.body) && !may_lead(message.from))
    return;
  std::visit(
    [&](auto& body) {
      on(message, body);
    },
    message.body);
  check_leadership();
}

void consensus_machine::persisted(uint64_t ticket) {
  auto released = out_.persisted(ticket, self_);
  if (!released.last)
    return;
  log_.persisted_to(*released.last);
  for (auto& message : released.to_self)
    receive(message);
  if (leadership_)
    leadership_->own_log_persisted();
  check_leadership();
}

void consensus_machine::peer_lost(member_uid who) {
  if (leadership_)
    return leadership_->peer_lost(who);
  if (who != leader_ || who == member_uid{})
    return;
  // Its death is likely, and known at once: others will see it, too. A little
  // chance lets one be the first.
  leader_ = {};
  auto soon = 1 + chance_() % (1 + settings_.election_ticks / 4);
  patience_ticks_
    = std::min(patience_ticks_, silent_ticks_ + static_cast<uint32_t>(soon));
}

void consensus_machine::entries_read(member_uid for_member,
                                     const std::vector<entry_ptr>& entries) {
  if (leadership_)
    leadership_->entries_read(for_member, entries);
}

void consensus_machine::snapshot_ended(member_uid to, uint64_t arrived) {
  if (leadership_)
    leadership_->snapshot_ended(to, arrived);
}

bool consensus_machine::install(const snapshot_mark& snapshot, member_uid from,
                                uint64_t term) {
  if (term < vote_.term || (term == vote_.term && !may_lead(from)))
    return false;
  if (term > vote_.term)
    become_follower(term, from);
  heard_from_leader(from);
  auto& last = snapshot.last;
  if (last.index <= log_.commit_index())
    return false;
  if (log_.has(last)) {
    // It has all of that; now it knows that it is committed.
    log_.commit_to(last.index);
    return false;
  }
  log_.reset(last, snapshot.members);
  install_ = snapshot;
  truncate_from_ = 0;
  promise(from, vote_.term, append_answer{true, last.index, {}});
  return true;
}

void consensus_machine::compact_to(uint64_t index) {
  log_.compact_to(index);
}

result<uint64_t> consensus_machine::propose(std::vector<std::string> payloads) {
  if (!leadership_)
    return follows(leader_);
  return leadership_->propose(std::move(payloads));
}

result<uint64_t> consensus_machine::change(const configuration_change& how) {
  if (!leadership_)
    return follows(leader_);
  auto done = leadership_->change(how);
  check_leadership();
  return done;
}

status consensus_machine::transfer(member_uid to) {
  if (!leadership_)
    return follows(leader_);
  return leadership_->transfer(to);
}

status consensus_machine::read_index(uint64_t id) {
  if (!leadership_)
    return follows(leader_);
  return leadership_->read_index(id);
}

consensus_ready consensus_machine::take_ready() {
  if (leadership_)
    leadership_->flush();
  std::optional<persist_order> order;
  auto entries = log_.take_new();
  if (vote_ != ordered_vote_ || install_ || truncate_from_ != 0
      || !entries.empty()) {
    order.emplace();
    if (vote_ != ordered_vote_)
      order->vote = ordered_vote_ = vote_;
    order->install = std::exchange(install_, std::nullopt);
    order->truncate_from = std::exchange(truncate_from_, 0);
    order->entries = std::move(entries);
  }
  return out_.take(std::move(order), log_.last());
}

// -- terms --------------------------------------------------------------------

/// @returns whether the message counts at all.
bool consensus_machine::takes_later_term(const consensus_message& message) {
  if (auto* request = std::get_if<vote_request>(&message.body)) {
    // Whoever hears a leader does not help to unseat it (dissertation, 4.2.3).
    if (!request->transfer && hears_a_leader())
      return false;
    if (request->pre)
      return true;
  }
  auto* answer = std::get_if<vote_answer>(&message.body);
  if (answer != nullptr && answer->pre && answer->granted)
    return true; // In the term that it asked for, which has not begun.
  become_follower(message.term, comes_from_a_leader(message.body)
                                  ? message.from
                                  : member_uid{});
  return true;
}

void consensus_machine::answer_earlier_term(const consensus_message& message) {
  if (auto* request = std::get_if<vote_request>(&message.body);
      request != nullptr && request->pre)
    return promise(message.from, vote_.term,
                   vote_answer{true, false, request->round});
  if (comes_from_a_leader(message.body)
      || std::holds_alternative<vote_request>(message.body))
    promise(message.from, vote_.term, term_passed{});
}

void consensus_machine::become_follower(uint64_t term, member_uid leader) {
  AGORA_CHECK(term >= vote_.term);
  if (term > vote_.term)
    vote_ = {term, {}};
  role_ = consensus_role::follower;
  leader_ = leader;
  leadership_.reset();
  restart_timer();
}

void consensus_machine::restart_timer() {
  silent_ticks_ = 0;
  patience_ticks_
    = settings_.election_ticks
      + static_cast<uint32_t>(chance_() % settings_.election_ticks);
}

bool consensus_machine::hears_a_leader() const {
  return leader_ != member_uid{}
         && (leadership_ || silent_ticks_ < settings_.election_ticks);
}

/// A leader that no quorum follows, or that is no member any more, ends its
/// term by itself.
void consensus_machine::check_leadership() {
  if (leadership_ && !leadership_->still_leads())
    become_follower(vote_.term, {});
}

void consensus_machine::promise(member_uid to, uint64_t term,
                                consensus_body body) {
  out_.send_when_persisted({self_, to, term, std::move(body)});
}

// -- elections ----------------------------------------------------------------

bool consensus_machine::may_stand() const {
  return log_.members().is_voter(self_);
}

void consensus_machine::stand(bool pre, bool transfer) {
  leader_ = {};
  ++round_;
  tally_ = {};
  role_ = pre ? consensus_role::pre_candidate : consensus_role::candidate;
  if (!pre)
    vote_ = {vote_.term + 1, self_};
  auto term = pre ? vote_.term + 1 : vote_.term;
  for (auto& member : log_.members().members())
    if (!member.learner && member.uid != self_)
      promise(member.uid, term,
              vote_request{pre, transfer, round_, log_.last()});
  if (!pre) {
    // Its own vote counts when it is on disk, as anybody's.
    promise(self_, term, vote_answer{false, true, round_});
  } else {
    tally_.count(self_, true);
    judge_votes();
  }
}

void consensus_machine::judge_votes() {
  switch (tally_.judge(log_.members())) {
    case vote_tally::outcome::open:
      return;
    case vote_tally::outcome::lost:
      return become_follower(vote_.term, {});
    case vote_tally::outcome::won:
      if (role_ == consensus_role::pre_candidate)
        stand(false, false);
      else
        become_leader();
  }
}

void consensus_machine::become_leader() {
  role_ = consensus_role::leader;
  leader_ = self_;
  leadership_
    = std::make_unique<leadership>(self_, vote_.term, settings_, log_, out_);
}

void consensus_machine::on(const consensus_message& from,
                           const vote_request& what) {
  // In this term, or before a later one.
  auto is_free
    = what.pre ? from.term > vote_.term
               : vote_.vote == from.from
                   || (vote_.vote == member_uid{} && leader_ == member_uid{});
  if (!is_free || what.last < log_.last())
    return promise(from.from, vote_.term,
                   vote_answer{what.pre, false, what.round});
  if (!what.pre) {
    vote_.vote = from.from;
    restart_timer();
  }
  promise(from.from, from.term, vote_answer{what.pre, true, what.round});
}

void consensus_machine::on(const consensus_message& from,
                           const vote_answer& what) {
  auto asks
    = what.pre ? consensus_role::pre_candidate : consensus_role::candidate;
  if (role_ != asks || what.round != round_)
    return;
  tally_.count(from.from, what.granted);
  judge_votes();
}

void consensus_machine::on(const consensus_message&, const take_over&) {
  if (leadership_)
    return;
  restart_timer();
  if (may_stand())
    stand(false, true);
}

void consensus_machine::on(const consensus_message&, const term_passed&) {
  // That the term is later was all there is to it.
}

// -- following ----------------------------------------------------------------

/// A term has one leader: whoever else says that it is one lies.
bool consensus_machine::may_lead(member_uid who) const {
  return leader_ == member_uid{} || leader_ == who;
}

void consensus_machine::heard_from_leader(member_uid leader) {
  if (role_ != consensus_role::follower)
    become_follower(vote_.term, leader);
  leader_ = leader;
  silent_ticks_ = 0;
  // A connection that was lost had made it impatient.
  if (patience_ticks_ < settings_.election_ticks)
    restart_timer();
}

void consensus_machine::on(const consensus_message& from,
                           const heartbeat& what) {
  heard_from_leader(from.from);
  log_.commit_to(
    std::max(log_.commit_index(), std::min(what.commit, log_.last_index())));
  // No promise: an answer does not say that anything is on disk.
  out_.send_now(
    {self_, from.from, vote_.term, heartbeat_answer{what.read_round}});
}

void consensus_machine::on(const consensus_message& from,
                           const append_request& what) {
  heard_from_leader(from.from);
  if (!contradicts(what))
    promise(from.from, vote_.term, take_entries(what));
}

/// What is committed is the same everywhere: a leader that has it otherwise is
/// none.
bool consensus_machine::contradicts(const append_request& what) const {
  auto differs = [this](const log_position& position) {
    return position.index >= log_.base().index
           && position.index <= log_.commit_index() && !log_.has(position);
  };
  return differs(what.previous)
         || std::any_of(what.entries.begin(), what.entries.end(),
                        [&](auto& entry) {
                          return differs({entry->term, entry->index});
                        });
}

/// Raft, 5.3, and figure 2 of it.
append_answer consensus_machine::take_entries(const append_request& what) {
  auto last = what.previous.index + what.entries.size();
  // What is committed is the same everywhere.
  if (last <= log_.commit_index())
    return {true, log_.commit_index(), {}};
  if (what.previous.index > log_.commit_index() && !log_.has(what.previous))
    return {false, what.previous.index,
            log_.last_at_or_before(what.previous.index, what.previous.term)};
  for (auto& entry : what.entries) {
    if (entry->index <= log_.commit_index()
        || log_.has({entry->term, entry->index}))
      continue;
    if (entry->index <= log_.last_index()) {
      log_.truncate_from(entry->index);
      truncate_from_ = truncate_from_ == 0
                         ? entry->index
                         : std::min(truncate_from_, entry->index);
    }
    log_.append(entry);
  }
  log_.commit_to(std::max(log_.commit_index(), std::min(what.commit, last)));
  return {true, last, {}};
}

void consensus_machine::on(const consensus_message& from,
                           const append_answer& what) {
  if (leadership_)
    leadership_->on(from.from, what);
}

void consensus_machine::on(const consensus_message& from,
                           const heartbeat_answer& what) {
  if (leadership_)
    leadership_->on(from.from, what);
}

} // namespace agora
