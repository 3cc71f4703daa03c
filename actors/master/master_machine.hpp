// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/master/agent_desk.hpp"
#include "actors/master/framework_desk.hpp"
#include "actors/master/master_context.hpp"
#include "actors/master/offer_desk.hpp"
#include "actors/master/task_desk.hpp"
#include "actors/master/tool_desk.hpp"

#include <deque>
#include <map>
#include <optional>

namespace agora {

/// A leading master's decisions: every message and every applied entry goes in
/// here, and what shall happen comes out as a master_outbox. Routes only; each
/// subject is decided at its desk. No actors, no clock, no I/O.
///
/// The way of a call: desk -> proposal -> log -> applied() -> desk -> answer.
class master_machine {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// @param state As recovered from the log.
  /// @param own The epoch in which this master leads. It leads in a term once:
  ///        what it proposes there is told by the term from everything else.
  /// @param applied_index The newest entry that `state` has.
  master_machine(master_settings settings, cluster_state state, epoch own,
                 time_point now, wall_time wall, uint64_t applied_index = 0);

  // The desks refer to the context.
  master_machine(const master_machine&) = delete;
  master_machine& operator=(const master_machine&) = delete;

  /// Before each of the calls below: what time it is.
  void at(time_point now, wall_time wall);

  /// Founds the cluster if the log is empty, announces the term, and starts to
  /// wait for those who knew an earlier leader.
  /// @param cluster_id For a cluster that is founded now.
  void begin(const std::string& cluster_id);

  // -- sessions ---------------------------------------------------------------

  void session_opened(session_number session);
  void session_lost(const session_down& down);
  void from_agent(session_number session, session::AgentToMaster& body);
  void from_scheduler(session_number session, session::SchedulerToMaster& body);
  void from_tool(session_number session, session::ToolRequests& body);

  // -- allocator --------------------------------------------------------------

  void planned(planned_offers offers);
  void explained(session_number session, uint64_t request_id,
                 result<session::FrameworkExplanation> explanation);
  void shares_known(session_number session, const session::ToolRequest& request,
                    result<share_report> shares);

  // -- log --------------------------------------------------------------------

  /// Applies the next entry.
  /// @param changes Gets what changes in the stored state.
  /// @returns an error if the entry cannot be understood: the node must stop.
  status apply(const log_entry& entry, write_batch& changes);

  /// What was proposed here stands in the log from `index` on, and is applied
  /// later than this is called. Entries of the own term before that were
  /// proposed in an earlier leadership, and reached the log when it led again:
  /// they have nobody left to answer either. 0, until it is called: all are.
  void expect_own_from(uint64_t index) {
    first_own_ = index;
  }

  /// The next entry is the log's own affair, and changes nothing.
  void skip(const log_entry& entry);

  /// Takes the state out, with everything applied: this master does not lead
  /// any more. What was proposed has nobody left to answer, and no other call
  /// may follow.
  cluster_state release_state();

  // -- time -------------------------------------------------------------------

  /// Does what is due.
  void tick();

  /// When tick has something to do next.
  std::optional<time_point> next_deadline() const;

  // -- what shall happen ------------------------------------------------------

  /// Takes what has gathered.
  master_outbox take_outbox();

  /// Serializes the proposals, in order, with their time, and remembers why
  /// each was made until its entry is applied.
  std::vector<std::string>
  stamp(std::vector<master_outbox::proposal> proposals);

  /// Proposals that are not applied yet.
  size_t in_flight() const {
    return contexts_.size();
  }

  const cluster_state& state() const {
    return context_.state;
  }

  const master_settings& settings() const {
    return context_.settings;
  }

  /// For tests: books and overlay beside the state.
  const master_context& context() const {
    return context_;
  }

private:
  void handle(const agent_id& agent, session::AgentMessage& message);
  void handle(const call_origin& from, v1::scheduler::Call& call);
  void handle_subscribed(const framework_id& framework, const call_origin& from,
                         v1::scheduler::Call& call);

  /// Lets the cluster use what this program's version of the log has brought,
  /// once per program that is newer than the one before.
  void raise_version();
  uint32_t version_of(const cluster::Entry& entry) const;

  /// Entries of earlier leaderships may be applied after this one has begun,
  /// and before its own first one, and so before anybody is attached or
  /// connected: whom they let in is waited for as everybody else.
  void await_overtaken();

  /// Tells the desks what an entry has done.
  void spread(const applied_entry& applied, const cluster::Entry& entry,
              proposal_context why);

  master_context context_;
  offer_desk offers_{context_};
  framework_desk frameworks_{context_, offers_};
  agent_desk agents_{context_, offers_};
  task_desk tasks_{context_};
  tool_desk tools_{context_, frameworks_};
  std::deque<proposal_context> contexts_;
  uint64_t first_own_ = 0;
  /// Whether entries of earlier leaderships have been applied since it began.
  bool overtaken_ = false;
  /// How many calls have come from each session that is open.
  std::map<session_number, uint64_t> calls_of_;
  /// Never decreases, also when the wall clock does.
  int64_t last_proposed_ns_ = 0;
};

} // namespace agora
