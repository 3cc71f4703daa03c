// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "storage/consensus/consensus_outbox.hpp"
#include "storage/consensus/consensus_settings.hpp"
#include "storage/consensus/log_view.hpp"
#include "storage/consensus/member_progress.hpp"
#include "storage/consensus/read_queue.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace agora {

/// What a member does while it leads: sends entries, counts who has them,
/// permits reads, changes the members, hands leadership over. Lives for one
/// term; the machine makes and ends it.
class leadership {
public:
  /// Begins the term with an entry of its own, which makes everything before
  /// it countable (Raft, 5.4.2 and 8).
  leadership(member_uid self, uint64_t term, const consensus_settings& settings,
             log_view& log, consensus_outbox& out);

  leadership(const leadership&) = delete;
  leadership& operator=(const leadership&) = delete;

  /// Refuses what waits: this member does not lead any more.
  ~leadership();

  /// One tick has passed.
  void tick();

  /// False when it has to stop: no quorum was heard for an election's time, or
  /// a committed configuration has it out.
  bool still_leads() const noexcept {
    return still_leads_;
  }

  /// @returns the index of the first. errc::conflict while leadership is handed
  ///          over; errc::limit_reached: too much is not committed.
  result<uint64_t> propose(std::vector<std::string> payloads);

  /// @returns the index of the entry that says so. errc::conflict: another
  ///          change is under way, nothing of this term is committed yet, or a
  ///          learner lags too far to vote; and as changed().
  result<uint64_t> change(const configuration_change& how);

  /// Lets `to` take over as soon as it has all entries; given up after an
  /// election's time.
  /// @returns errc::not_found: it is no voter; errc::conflict: one is under
  ///          way, or it leads already.
  status transfer(member_uid to);

  /// A permit with `id` will come.
  /// @returns errc::limit_reached.
  status read_index(uint64_t id);

  /// Answers of members.
  void on(member_uid from, const append_answer& what);
  void on(member_uid from, const heartbeat_answer& what);

  /// This member's own disk has got further.
  void own_log_persisted();

  void peer_lost(member_uid who);

  /// What a read_order asked for. None: it cannot be read any more.
  void entries_read(member_uid for_member,
                    const std::vector<entry_ptr>& entries);

  void snapshot_ended(member_uid to, uint64_t arrived);

  /// Sends everybody what there is to send and room for.
  void flush();

  /// Null if it is no member, or this one.
  const member_progress* progress_of(member_uid member) const;

private:
  struct handover {
    member_uid to;
    uint32_t ticks = 0;
    bool asked = false;
  };

  template <class Body>
  void send(member_uid to, Body body) {
    out_.send_now({self_, to, term_, std::move(body)});
  }

  void append(entry_kind kind, std::string payload);
  void follow_configuration();
  void advance_commit();
  void leave();
  void send_entries(member_uid to, member_progress& progress);
  void send_append(member_uid to, member_progress& progress,
                   std::vector<entry_ptr> entries);
  void send_heartbeat(member_uid to, member_progress& progress);
  void heartbeat_all();
  void tell_commit();
  void count_who_is_there();
  void ask_to_take_over();
  void permit_reads();
  bool has_committed_in_term() const;
  std::vector<uint64_t>
  of_voters(uint64_t own, uint64_t (*value)(const member_progress&)) const;
  member_progress* find(member_uid member);

  member_uid self_;
  uint64_t term_;
  const consensus_settings& settings_;
  log_view& log_;
  consensus_outbox& out_;
  /// Of all members but this one.
  std::map<member_uid, member_progress> others_;
  /// For which configuration `others_` was made.
  uint64_t followed_index_ = 0;
  read_queue reads_;
  std::optional<handover> handover_;
  uint32_t since_heartbeat_ = 0;
  uint32_t since_count_ = 0;
  bool still_leads_ = true;
};

} // namespace agora
