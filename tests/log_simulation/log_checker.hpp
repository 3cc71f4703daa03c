// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/consensus/consensus_machine.hpp"
#include "tests/log_simulation/simulated_log_disk.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace agora::log_simulation {

/// A rule does not hold. Ends the run of the seed.
class violation : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// What Raft promises (Raft, figure 3), and what clients were told, watched
/// from outside the machines, after each step of each of them.
class log_checker {
public:
  using disks = std::map<member_uid, simulated_log_disk>;

  /// After every step of a member.
  void check(const consensus_machine& machine, const disks& all);

  /// A member was started again: what it does not know any more it may learn
  /// again.
  void restarted(member_uid who);

  /// A message goes out: each member votes once in a term, and promises only
  /// what its disk has.
  void check_sent(const consensus_message& what, const disks& all);

  /// The log begins with `first`.
  void founded(const log_entry& first);

  /// An entry is on its way to a disk: (index, term) names one entry, behind
  /// one other (log matching). Of configurations, see check_change.
  void check_written(const persist_order& order,
                     const consensus_machine& machine);

  /// A member has applied `entry`, and its state has become `state`.
  void check_applied(member_uid who, const log_entry& entry,
                     const simulated_registers& state);

  /// A member took over a snapshot's state.
  void check_installed(member_uid who, const state_at& what);

  /// At which index a client's command took effect; 0: at none yet.
  uint64_t index_of(uint32_t client, uint64_t number) const;

  /// How far the log is known to be committed.
  uint64_t commit_index() const noexcept {
    return committed_.size();
  }

private:
  struct committed_entry {
    uint64_t term = 0;
    /// Of the leader that committed it: later than its own if that one found
    /// it in its log.
    uint64_t committed_in = 0;
    uint64_t payload = 0;
    /// Of the state behind it, once it was applied anywhere.
    uint64_t digest = 0;
    bool applied = false;
  };

  struct identity {
    uint64_t payload = 0;
    uint64_t term_before = 0;
    std::optional<configuration> members;
  };

  void check_leader(const consensus_machine& machine);
  void check_commit(const consensus_machine& machine, const disks& all);
  void check_durable(const consensus_machine& machine, const disks& all);
  void check_change(const log_entry& entry, const identity& written) const;
  void check_members(const log_view& log, member_uid who) const;
  std::pair<log_position, const configuration*>
  members_before(const log_position& position) const;

  std::map<uint64_t, member_uid> leaders_;
  std::map<std::pair<member_uid, uint64_t>, member_uid> votes_;
  std::unordered_map<uint64_t, identity> written_;
  /// By index - 1.
  std::vector<committed_entry> committed_;
  std::map<member_uid, uint64_t> commits_;
  std::map<std::pair<uint32_t, uint64_t>, uint64_t> effects_;
};

} // namespace agora::log_simulation
