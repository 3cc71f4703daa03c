// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/consensus/leadership.hpp"

#include "storage/consensus/vote_tally.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace agora {

leadership::leadership(member_uid self, uint64_t term,
                       const consensus_settings& settings, log_view& log,
                       consensus_outbox& out)
  : self_(self), term_(term), settings_(settings), log_(log), out_(out) {
  follow_configuration();
  append(entry_kind::no_op, {});
}

leadership::~leadership() {
  while (auto refused = reads_.take(UINT64_MAX))
    out_.permit({refused->id, 0});
}

// -- time ---------------------------------------------------------------------

void leadership::tick() {
  if (handover_ && ++handover_->ticks >= settings_.election_ticks)
    handover_.reset();
  if (++since_count_ >= settings_.election_ticks)
    count_who_is_there();
  if (++since_heartbeat_ >= settings_.heartbeat_ticks)
    heartbeat_all();
  else
    tell_commit();
}

void leadership::count_who_is_there() {
  since_count_ = 0;
  auto& members = log_.members();
  auto there = members.is_voter(self_) ? size_t{1} : size_t{0};
  for (auto& [member, progress] : others_) {
    if (std::exchange(progress.recently_heard, false)
        && members.is_voter(member))
      ++there;
  }
  if (there < members.quorum())
    still_leads_ = false;
}

void leadership::heartbeat_all() {
  since_heartbeat_ = 0;
  for (auto& [member, progress] : others_)
    send_heartbeat(member, progress);
}

/// Followers apply what is committed within a tick, also when nothing more is
/// appended; an answer of theirs is not needed for that.
void leadership::tell_commit() {
  for (auto& [member, progress] : others_)
    if (progress.commit_told < std::min(progress.match(), log_.commit_index()))
      send_heartbeat(member, progress);
}

void leadership::send_heartbeat(member_uid to, member_progress& progress) {
  progress.commit_told = std::min(progress.match(), log_.commit_index());
  send(to, heartbeat{progress.commit_told, reads_.round()});
}

// -- entries ------------------------------------------------------------------

result<uint64_t> leadership::propose(std::vector<std::string> payloads) {
  if (handover_)
    return fail(errc::conflict, "leadership is being handed over");
  if (log_.uncommitted_bytes() >= settings_.uncommitted_bytes)
    return fail(errc::limit_reached,
                std::to_string(log_.uncommitted_bytes())
                  + " bytes are proposed and not committed yet");
  auto first = log_.last_index() + 1;
  for (auto& payload : payloads)
    append(entry_kind::command, std::move(payload));
  return first;
}

void leadership::append(entry_kind kind, std::string payload) {
  log_.append(std::make_shared<const log_entry>(
    log_entry{log_.last_index() + 1, term_, std::move(payload), kind}));
}

void leadership::flush() {
  follow_configuration();
  if (reads_.wants_round()) {
    reads_.begin_round();
    heartbeat_all();
    permit_reads();
  }
  for (auto& [member, progress] : others_)
    send_entries(member, progress);
}

void leadership::send_entries(member_uid to, member_progress& progress) {
  using phase = member_progress::phase;
  while (progress.may_send()) {
    auto next = progress.next();
    if (progress.in() == phase::replicate && next > log_.last_index())
      return;
    if (next <= log_.base().index) {
      progress.needs_snapshot();
      return out_.order_snapshot({to});
    }
    if (next < log_.tail_first()) {
      progress.reading(true);
      return out_.order_read(
        {to, next,
         std::min(log_.tail_first() - 1, next + settings_.append_entries - 1),
         settings_.append_bytes});
    }
    std::vector<entry_ptr> entries;
    size_t bytes = 0;
    for (auto i = next; i <= log_.last_index() && bytes < settings_.append_bytes
                        && entries.size() < settings_.append_entries;
         ++i) {
      entries.push_back(log_.find(i));
      bytes += entries.back()->payload.size();
    }
    send_append(to, progress, std::move(entries));
  }
}

void leadership::send_append(member_uid to, member_progress& progress,
                             std::vector<entry_ptr> entries) {
  auto previous = progress.next() - 1;
  auto last = previous + entries.size();
  size_t bytes = 0;
  for (auto& entry : entries)
    bytes += entry->payload.size();
  progress.sent(last, bytes);
  progress.commit_told
    = std::max(progress.commit_told, std::min(last, log_.commit_index()));
  send(to, append_request{{*log_.term_at(previous), previous},
                          std::move(entries),
                          log_.commit_index()});
}

void leadership::entries_read(member_uid for_member,
                              const std::vector<entry_ptr>& entries) {
  auto* progress = find(for_member);
  if (progress == nullptr || !progress->is_reading())
    return;
  progress->reading(false);
  if (progress->next() <= log_.base().index)
    return; // Gone meanwhile: flush() orders the snapshot.
  auto fits = !entries.empty() && entries.front()->index == progress->next()
              && log_.has({entries.back()->term, entries.back()->index});
  if (fits && progress->may_send())
    send_append(for_member, *progress, entries);
}

void leadership::snapshot_ended(member_uid to, uint64_t arrived) {
  if (auto* progress = find(to))
    progress->snapshot_ended(std::min(arrived, log_.last_index()));
}

// -- answers ------------------------------------------------------------------

void leadership::on(member_uid from, const append_answer& what) {
  auto* progress = find(from);
  if (progress == nullptr || what.index > log_.last_index())
    return;
  progress->recently_heard = true;
  if (!what.accepted) {
    // Where it may agree by its log, and by ours.
    auto agree = log_.last_at_or_before(what.hint.index, what.hint.term);
    progress->refused(what.index, agree.index);
    return;
  }
  if (!progress->accepted(what.index))
    return;
  if (progress->in() == member_progress::phase::snapshot
      && progress->match() >= log_.base().index)
    progress->snapshot_ended(progress->match());
  advance_commit();
  ask_to_take_over();
}

void leadership::on(member_uid from, const heartbeat_answer& what) {
  auto* progress = find(from);
  if (progress == nullptr)
    return;
  progress->recently_heard = true;
  progress->read_round = std::max(progress->read_round, what.read_round);
  progress->alive();
  permit_reads();
  if (progress->in() != member_progress::phase::replicate
      || progress->match() == log_.last_index())
    return;
  // Does it have what was sent? If the last requests were lost, nothing else
  // would bring that out. If what they followed is gone, it lacks it for sure.
  if (progress->next() > log_.base().index)
    send_append(from, *progress, {});
  else
    progress->lost();
}

void leadership::own_log_persisted() {
  advance_commit();
}

void leadership::peer_lost(member_uid who) {
  if (auto* progress = find(who))
    progress->lost();
}

std::vector<uint64_t>
leadership::of_voters(uint64_t own,
                      uint64_t (*value)(const member_progress&)) const {
  std::vector<uint64_t> result;
  for (auto& member : log_.members().members()) {
    if (member.learner)
      continue;
    if (member.uid == self_) {
      result.push_back(own);
    } else {
      auto* progress = progress_of(member.uid);
      result.push_back(progress == nullptr ? 0 : value(*progress));
    }
  }
  return result;
}

/// Only an entry of this term is committed by counting, and with it all before
/// it (Raft, 5.4.2, figure 8).
void leadership::advance_commit() {
  auto reached
    = quorum_reached(of_voters(log_.persisted_index(), [](auto& progress) {
        return progress.match();
      }));
  if (reached <= log_.commit_index() || log_.term_at(reached) != term_)
    return;
  log_.commit_to(reached);
  if (log_.members_index() <= reached && !log_.members().is_voter(self_))
    leave();
}

/// The others must know what is committed before it goes silent; one that has
/// everything need not wait until it is missed.
void leadership::leave() {
  heartbeat_all();
  still_leads_ = false;
  for (auto& [member, progress] : others_)
    if (log_.members().is_voter(member)
        && progress.match() == log_.last_index())
      return send(member, take_over{});
}

// -- reads --------------------------------------------------------------------

bool leadership::has_committed_in_term() const {
  return log_.term_at(log_.commit_index()) == term_;
}

status leadership::read_index(uint64_t id) {
  if (!has_committed_in_term())
    return fail(errc::conflict,
                "this leader does not know yet what is committed");
  if (reads_.size() >= settings_.waiting_reads)
    return fail(errc::limit_reached,
                std::to_string(reads_.size()) + " reads wait already");
  reads_.add(id, log_.commit_index());
  return {};
}

void leadership::permit_reads() {
  auto round = quorum_reached(of_voters(reads_.round(), [](auto& progress) {
    return progress.read_round;
  }));
  while (auto read = reads_.take(round))
    out_.permit({read->id, read->index});
}

// -- members ------------------------------------------------------------------

result<uint64_t> leadership::change(const configuration_change& how) {
  if (handover_)
    return fail(errc::conflict, "leadership is being handed over");
  if (!has_committed_in_term())
    return fail(errc::conflict, "this leader has not committed anything yet");
  if (log_.members_index() > log_.commit_index())
    return fail(errc::conflict, "another change of the members is under way");
  auto next = changed(log_.members(), how);
  if (!next)
    return next.error();
  if (how.what == configuration_change::step::promote) {
    auto* progress = progress_of(how.member.uid);
    auto lag
      = log_.last_index() - (progress == nullptr ? 0 : progress->match());
    if (lag > settings_.promote_lag)
      return fail(errc::conflict, to_string(how.member.uid) + " lacks "
                                    + std::to_string(lag)
                                    + " entries; try again when it has them");
  }
  append(entry_kind::configuration, next->encode());
  follow_configuration();
  advance_commit();
  return log_.last_index();
}

void leadership::follow_configuration() {
  if (followed_index_ == log_.members_index() && !others_.empty())
    return;
  followed_index_ = log_.members_index();
  auto& members = log_.members();
  std::erase_if(others_, [&](auto& one) {
    return members.find(one.first) == nullptr;
  });
  for (auto& member : members.members())
    if (member.uid != self_)
      others_.try_emplace(member.uid, log_.last_index() + 1, settings_.window);
  if (handover_ && !members.is_voter(handover_->to))
    handover_.reset();
}

status leadership::transfer(member_uid to) {
  if (to == self_)
    return fail(errc::conflict, to_string(to) + " leads already");
  if (!log_.members().is_voter(to))
    return fail(errc::not_found, "there is no voting member " + to_string(to));
  if (handover_)
    return fail(errc::conflict, "leadership is being handed over already");
  handover_ = handover{to};
  ask_to_take_over();
  return {};
}

void leadership::ask_to_take_over() {
  if (!handover_ || handover_->asked)
    return;
  auto* progress = progress_of(handover_->to);
  if (progress == nullptr || progress->match() != log_.last_index())
    return;
  handover_->asked = true;
  send(handover_->to, take_over{});
}

member_progress* leadership::find(member_uid member) {
  auto found = others_.find(member);
  return found == others_.end() ? nullptr : &found->second;
}

const member_progress* leadership::progress_of(member_uid member) const {
  auto found = others_.find(member);
  return found == others_.end() ? nullptr : &found->second;
}

} // namespace agora
