// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/consensus/consensus_machine.hpp"
#include "tests/log_simulation/log_checker.hpp"
#include "tests/log_simulation/simulated_log_world.hpp"

#include <functional>
#include <memory>

namespace agora::log_simulation {

/// What a member says to the rest of the simulation.
struct member_outputs {
  std::function<void(const consensus_message&)> send;
  /// A snapshot for another member.
  std::function<void(member_uid from, member_uid to, const snapshot_mark&,
                     const state_at&, uint64_t term)>
    send_snapshot;
  std::function<void(member_uid where, const log_entry&,
                     const simulated_registers::outcome&)>
    applied;
  std::function<void(member_uid where, const read_permit&)> permitted;
  /// The process has ended, or does not lead any more: what waits there will
  /// not be answered.
  std::function<void(member_uid where)> lost;
};

/// One member's process, which may end at any moment, and start again from its
/// disk.
class simulated_log_member {
public:
  simulated_log_member(member_uid uid, simulated_log_world& world,
                       const plan& how, log_checker& checker,
                       log_checker::disks& disks, member_outputs& out);

  member_uid uid() const noexcept {
    return uid_;
  }

  bool up() const noexcept {
    return machine_ != nullptr;
  }

  bool paused() const noexcept {
    return world_.now() < paused_until_;
  }

  /// Starts the process, or ends it.
  void start();
  void crash();

  /// It does nothing for a while, as after SIGSTOP.
  void pause(milliseconds how_long);

  /// Its disk is slow for a while.
  void slow_down(milliseconds how_long, milliseconds latency);

  /// Does something with the machine, if the process runs, and everything that
  /// follows from it.
  void with(const std::function<void(consensus_machine&)>& what);

  void install(const snapshot_mark& mark, const state_at& state,
               member_uid from, uint64_t term);

  const consensus_machine& machine() const {
    return *machine_;
  }

  uint64_t applied() const noexcept {
    return state_.index;
  }

  const simulated_registers& state() const noexcept {
    return state_.state;
  }

private:
  void tick();
  void drain();
  void carry_out(consensus_ready ready);
  void write(disk_write what);
  void flush();
  void finish(const disk_write& done);
  void read(const read_order& what);
  void apply_committed();
  void compact();
  /// Calls `what` later if this life of the process lasts.
  void later(milliseconds delay, std::function<void()> what);

  member_uid uid_;
  simulated_log_world& world_;
  const plan& plan_;
  log_checker& checker_;
  log_checker::disks& disks_;
  member_outputs& out_;

  std::unique_ptr<consensus_machine> machine_;
  uint64_t life_ = 0;
  milliseconds paused_until_ = 0;
  milliseconds slow_until_ = 0;
  milliseconds slow_latency_ = 0;
  bool flushing_ = false;
  state_at state_;
  std::optional<state_at> staged_;
  uint64_t compacted_ = 0;
  bool led_ = false;
};

} // namespace agora::log_simulation
