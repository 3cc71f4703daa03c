// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/log_simulation/log_checker.hpp"
#include "tests/log_simulation/simulated_log_member.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>

namespace agora::log_simulation {

using members_by_uid
  = std::map<member_uid, std::unique_ptr<simulated_log_member>>;

/// Clients that write, compare and set, and read, one thing at a time each, and
/// ask whom they like: also a leader that is cut off. What got no answer in
/// time is asked again, by the same number, until there is one.
///
/// The history has to be linearizable. Its order is known here, the log's, so
/// it is enough to see that the order in which things were asked and answered
/// agrees with it, and that each read saw the state at its place.
class log_clients {
public:
  log_clients(simulated_log_world& world, log_checker& checker,
              members_by_uid& members);

  void start();

  /// They ask nothing new any more.
  void stop() noexcept {
    stopped_ = true;
  }

  bool idle() const;

  uint64_t answered() const noexcept {
    return answered_;
  }

  // -- what members say -------------------------------------------------------

  void applied(member_uid where, const log_entry& entry,
               const simulated_registers::outcome& outcome);
  void permitted(member_uid where, const read_permit& permit);
  void lost(member_uid where);

private:
  struct client {
    uint64_t number = 0;
    bool busy = false;
    bool reads = false;
    command what;
    /// Answers to earlier attempts do not count.
    uint64_t attempt = 0;
    member_uid asked;
    /// Of the attempt: where the command stands in the asked member's log.
    uint64_t index = 0;
    uint64_t term = 0;
    std::optional<uint64_t> permit;
    /// Everything answered before it was asked stands at or before this index.
    uint64_t floor = 0;
  };

  void next(uint32_t which);
  void attempt(uint32_t which);
  void ask(uint32_t which, member_uid where);
  void again(uint32_t which, milliseconds delay);
  void answer_read(uint32_t which, const simulated_log_member& where);
  void answered_at(uint32_t which, uint64_t index);

  simulated_log_world& world_;
  log_checker& checker_;
  members_by_uid& members_;
  std::array<client, clients> clients_;
  member_uid hint_;
  uint64_t floor_ = 0;
  uint64_t answered_ = 0;
  uint64_t values_ = 0;
  bool stopped_ = false;
};

} // namespace agora::log_simulation
