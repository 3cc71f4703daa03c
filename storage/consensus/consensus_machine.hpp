// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "storage/consensus/consensus_outbox.hpp"
#include "storage/consensus/consensus_settings.hpp"
#include "storage/consensus/leadership.hpp"
#include "storage/consensus/log_view.hpp"
#include "storage/consensus/vote_tally.hpp"

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace agora {

/// What a member does in its term.
enum class consensus_role : uint8_t {
  follower,
  /// Asks whether it would be elected (dissertation, 9.6).
  pre_candidate,
  candidate,
  leader,
};

const char* to_string(consensus_role role);

/// What a member finds on its disk at its start.
struct restored_member {
  vote_record vote;
  restored_log log;
};

/// One member of a replicated log: Raft (Ongaro and Ousterhout, 2014; Ongaro's
/// dissertation), with pre-vote, check-quorum, learners, changes of one member
/// at a time, leadership transfer and read-index. A pure step machine: events
/// go in by its functions, and what is to be done comes out of take_ready(). It
/// does no I/O, has no clock, and its chance comes from a seed.
///
///                        no leader heard                a quorum would
///           +--------> follower ---------> pre_candidate ----------> candidate
///           |             ^  ^                 |   a leader              | |
///           |             |  +-----------------+   is heard              | |
///           |             +----------------------------------------------+ |
///           | a later term, no quorum heard,          a quorum voted       |
///           | out of the members                                           |
///           +------------------------- leader <----------------------------+
///
/// take_over goes from follower to candidate at once.
///
/// A restart is a new machine with what the disk holds: entries and votes are
/// there if their ticket was told, and may be there if it was not.
class consensus_machine {
public:
  /// @param seed of the times after which it stands for election.
  consensus_machine(member_uid self, restored_member from,
                    const consensus_settings& settings, uint64_t seed);

  // -- events -----------------------------------------------------------------

  void tick();

  /// From anybody: what is malformed, stale or for another member is dropped.
  void receive(const consensus_message& message);

  /// Everything up to this ticket is on disk.
  void persisted(uint64_t ticket);

  /// The connection to a member has ended.
  void peer_lost(member_uid who);

  /// The answer to a read_order: entries without a gap from its first one. None
  /// if they are gone.
  void entries_read(member_uid for_member,
                    const std::vector<entry_ptr>& entries);

  /// The answer to a snapshot_order: sending has ended.
  /// @param arrived the index of the snapshot, if `to` has got all of it; 0 if
  ///        not.
  void snapshot_ended(member_uid to, uint64_t arrived);

  /// A snapshot is here, whole, from the leader of `term`.
  /// @returns whether it is needed: take_ready() then orders to install it. If
  ///          not, it can be thrown away.
  bool install(const snapshot_mark& snapshot, member_uid from, uint64_t term);

  /// The entries up to `index` are gone from the disk.
  /// @pre index <= what is applied.
  void compact_to(uint64_t index);

  /// Appends commands; together or not at all.
  /// @returns the index of the first. errc::not_leader, and as
  ///          leadership::propose.
  result<uint64_t> propose(std::vector<std::string> payloads);

  /// @returns as leadership::change, errc::not_leader.
  result<uint64_t> change(const configuration_change& how);

  /// @returns as leadership::transfer, errc::not_leader.
  status transfer(member_uid to);

  /// A read that must see everything that was acknowledged before: its permit
  /// comes with take_ready().
  /// @returns as leadership::read_index, errc::not_leader.
  status read_index(uint64_t id);

  /// Stands for election now, as if no leader had been heard for long.
  void campaign();

  // -- what follows from them -------------------------------------------------

  /// Everything that is to be done since the last call.
  consensus_ready take_ready();

  // -- as it stands -----------------------------------------------------------

  member_uid self() const noexcept {
    return self_;
  }

  consensus_role role() const noexcept {
    return role_;
  }

  uint64_t term() const noexcept {
    return vote_.term;
  }

  const vote_record& vote() const noexcept {
    return vote_;
  }

  /// Of this term; 0 if none is known.
  member_uid leader() const noexcept {
    return leader_;
  }

  const log_view& log() const noexcept {
    return log_;
  }

  /// Null if this member does not lead.
  const leadership* leads() const noexcept {
    return leadership_.get();
  }

private:
  void on(const consensus_message& from, const vote_request& what);
  void on(const consensus_message& from, const vote_answer& what);
  void on(const consensus_message& from, const append_request& what);
  void on(const consensus_message& from, const append_answer& what);
  void on(const consensus_message& from, const heartbeat& what);
  void on(const consensus_message& from, const heartbeat_answer& what);
  void on(const consensus_message& from, const take_over& what);
  void on(const consensus_message& from, const term_passed& what);

  bool takes_later_term(const consensus_message& message);
  void answer_earlier_term(const consensus_message& message);
  void become_follower(uint64_t term, member_uid leader);
  void become_leader();
  void stand(bool pre, bool transfer);
  void judge_votes();
  void heard_from_leader(member_uid leader);
  bool contradicts(const append_request& what) const;
  append_answer take_entries(const append_request& what);
  bool hears_a_leader() const;
  bool may_stand() const;
  bool may_lead(member_uid who) const;
  void restart_timer();
  void check_leadership();
  void promise(member_uid to, uint64_t term, consensus_body body);

  member_uid self_;
  consensus_settings settings_;
  std::mt19937_64 chance_;
  log_view log_;
  consensus_outbox out_;

  vote_record vote_;
  /// What the disk has, or was last ordered to take.
  vote_record ordered_vote_;
  consensus_role role_ = consensus_role::follower;
  member_uid leader_;
  std::unique_ptr<leadership> leadership_;

  vote_tally tally_;
  uint64_t round_ = 0;
  /// Ticks since a leader was heard, a vote given, or an election begun.
  uint32_t silent_ticks_ = 0;
  /// After so many it stands for election.
  uint32_t patience_ticks_ = 0;

  std::optional<snapshot_mark> install_;
  uint64_t truncate_from_ = 0;
};

} // namespace agora
