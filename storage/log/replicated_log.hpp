// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "storage/consensus/consensus_machine.hpp"
#include "storage/log/commit_signal.hpp"
#include "storage/log/entry_retention.hpp"
#include "storage/log/log_settings.hpp"
#include "storage/log/log_snapshot.hpp"
#include "storage/log/log_storage.hpp"
#include "storage/log/state_source.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace agora {

/// The uid of the member whose data directory this is.
member_uid member_of(const store_identity& directory);

/// One member of a log of commands that is agreed on, with its disk, and the
/// stored state that results from the log: the consensus machine, and what it
/// orders of the store.
///
/// The way of a command: `propose` at the member that leads -> on the disks of
/// a majority -> `take_committed` hands it out at every member -> the owner
/// applies it to its state -> `applied`, with the changes of the state's stored
/// form.
///
/// State and applied index reach the disk in one batch, so a restart finds the
/// state at exactly one index; the entries behind it are handed out again when
/// it is known anew that they are committed. They are applied again to the
/// older state: a state machine that is a fold of entries cannot tell.
///
/// A snapshot of this log is the stored state at its applied index. Applied
/// entries, less a retained tail, are removed in the background; members that
/// need them are sent the state.
///
/// Owns the namespace "log/<name>/" of a store, all tickets of that store, and
/// its listener. Threads: one owner (an actor) makes all calls. After each
/// that may cause something, it calls `carry_on`.
class replicated_log final : public state_source {
public:
  /// What the rest of the world has to do.
  struct orders {
    std::vector<consensus_message> send;
    std::vector<snapshot_order> snapshots;
    std::vector<read_permit> permits;
  };

  /// Reads what the store holds under `name`, and checks every entry that is
  /// still there (checksum, place, no gap).
  /// @param seed Of the times after which this member stands for election.
  /// @returns errc::store_corrupt naming path and index;
  ///          errc::version_mismatch; errc::io_failed.
  static result<std::unique_ptr<replicated_log>>
  open(std::shared_ptr<store> where, std::string_view name,
       const log_settings& settings, uint64_t seed);

  replicated_log(const replicated_log&) = delete;
  replicated_log& operator=(const replicated_log&) = delete;
  ~replicated_log() override;

  /// Sets who hears. Call it once, before the first carry_on, and after found.
  void listen(log_listener who);

  // -- belonging to a cluster -------------------------------------------------

  /// Founds the log: its first entry says who the members are. Whoever does it
  /// answers for its being done once: see the README of this folder.
  /// @pre Nothing is there, and nothing was submitted.
  /// @returns as store::write_now.
  status found(std::string_view cluster_id, const configuration& members);

  /// Belongs to this cluster from now on: durable before anything that a member
  /// of it has sent.
  /// @pre cluster_id().empty()
  void adopt_cluster(std::string id);

  /// Empty if the member has never been in one.
  const std::string& cluster_id() const noexcept {
    return cluster_id_;
  }

  // -- events: see consensus_machine ------------------------------------------

  void tick() {
    machine_->tick();
  }

  void receive(const consensus_message& message) {
    machine_->receive(message);
  }

  void peer_lost(member_uid who) {
    machine_->peer_lost(who);
  }

  result<uint64_t> change(const configuration_change& how) {
    return machine_->change(how);
  }

  status transfer(member_uid to) {
    return machine_->transfer(to);
  }

  status read_index(uint64_t id) {
    return machine_->read_index(id);
  }

  void snapshot_ended(member_uid to, uint64_t arrived) {
    machine_->snapshot_ended(to, arrived);
  }

  /// Appends `payloads` with consecutive indexes; together or not at all.
  /// @returns the index of the first one. errc::limit_reached: too much is in
  ///          flight, or the disk is behind; try again after the next applied
  ///          or wake; errc::too_large: a payload or all together are over the
  ///          limit; errc::invalid_argument: there is none; errc::not_leader;
  ///          errc::conflict: leadership is being handed over. Nothing was
  ///          taken then.
  result<uint64_t> propose(std::vector<std::string> payloads);

  /// Does with the disk what follows from all that has happened, and says what
  /// else there is to do.
  /// @returns errc::store_corrupt, errc::io_failed: the process has to end.
  result<orders> carry_on();

  // -- the state --------------------------------------------------------------

  /// The next committed entries, at most `max`, in order, each index once in
  /// the life of this object, starting behind the index that was applied at its
  /// start, and going on behind a snapshot that was taken in;
  /// nothing while a snapshot waits to be taken in, and nothing that carry_on
  /// has not seen.
  /// @returns errc::store_corrupt if an entry that is read again is damaged;
  ///          the text names path and index.
  result<std::vector<entry_ptr>> take_committed(size_t max);

  /// Says that the state has taken in every entry up to `index`, and how its
  /// stored form changes by that; keys are relative to the state. Applied
  /// index and changes are written together, with the next group commit. What
  /// a snapshot has overtaken is ignored.
  /// @pre index <= the last entry that was taken.
  /// @returns errc::too_large if the changes exceed the store's limit for one
  ///          batch, and nothing was done; as store::listener::failed after a
  ///          failure.
  status applied(uint64_t index, write_batch changes);

  /// Where the stored state stands that replaced the one before, once it is on
  /// disk: the owner has to load it. Said once.
  std::optional<uint64_t> take_installed();

  /// The stored value of a key of the state, as far as it is on disk: changes
  /// given to `applied` just now may be missing.
  result<std::optional<std::string>> get_state(std::string_view key) const {
    return storage_.get_state(key);
  }

  /// Visits the stored state from one frozen view, in key order, keys relative
  /// to the state.
  /// @returns the index at which it stands, or errc::store_corrupt,
  ///          errc::io_failed. May be called from any thread.
  result<uint64_t> for_each_state(const store_visitor& visitor) const;

  status visit_all(const store_visitor& visitor) const override;

  // -- snapshots --------------------------------------------------------------

  /// The state as it is stored now, to be sent to another member. Must end
  /// before this object.
  /// @returns errc::conflict: not possible just now: there is none yet, one
  ///          that arrived is not on disk yet, or the disk is behind what was
  ///          removed; errc::store_corrupt, errc::io_failed.
  result<log_snapshot> snapshot() const;

  /// Begins to lay down a snapshot that arrives, beside the state; whatever was
  /// laid down before is removed.
  void begin_staging();

  /// Lays down a part of it; keys are relative to the state.
  /// @returns errc::limit_reached: the disk is behind, try again later;
  ///          errc::too_large: more than the store takes at once. Nothing was
  ///          taken then.
  status stage(write_batch&& records);

  /// All of it is laid down: takes it into use if it is needed, and throws it
  /// away if not. See consensus_machine::install.
  bool install(const snapshot_mark& mark, member_uid from, uint64_t term);

  /// Whether one is being taken into use: nothing can be laid down meanwhile.
  bool is_installing() const noexcept {
    return installs_;
  }

  /// Lets go of applied entries down to the last `keep`, whatever the settings
  /// say; those stay that are not in the stored state yet.
  void compact(uint64_t keep);

  // -- as it stands -----------------------------------------------------------

  const consensus_machine& machine() const noexcept {
    return *machine_;
  }

  /// The last index that `applied` has named, in this life or an earlier one.
  uint64_t applied_index() const noexcept {
    return applied_;
  }

  /// The last entry that take_committed has handed out.
  uint64_t taken_index() const noexcept {
    return taken_;
  }

private:
  /// For the store, and what the machine waits to hear then; 0 for nothing.
  struct pending_batch {
    write_batch batch;
    uint64_t machine_ticket = 0;
    /// Where the stored state stands with it; 0 if as before.
    uint64_t applied = 0;
    bool wake = false;
  };

  struct open_ticket {
    store::ticket t = 0;
    uint64_t machine_ticket = 0;
    uint64_t applied = 0;
  };

  replicated_log(log_storage storage, const log_settings& settings,
                 uint64_t seed, log_storage::found from);

  void restart(log_storage::found from);
  void note_persisted();
  void persist(persist_order& order);
  void enqueue(pending_batch next);
  status submit_pending();
  status answer_read(const read_order& order);
  status check_room(const std::vector<std::string>& payloads);
  void remove_entries(uint64_t until);

  log_storage storage_;
  const log_settings settings_;
  const uint64_t seed_;
  const member_uid self_;
  const std::shared_ptr<commit_signal> signal_
    = std::make_shared<commit_signal>();
  std::unique_ptr<consensus_machine> machine_;
  entry_retention retention_;
  std::string cluster_id_;
  bool listening_ = false;

  /// stored_ <= applied_ <= taken_ <= what is committed. stored_ is where the
  /// state on the disk is known to stand: what it needs stays in the log.
  uint64_t stored_ = 0;
  uint64_t applied_ = 0;
  uint64_t taken_ = 0;
  /// Payload bytes of what was taken and not applied yet.
  uint64_t taken_bytes_ = 0;

  store::ticket next_ticket_ = 1;
  /// The store had no room for these yet.
  std::deque<pending_batch> pending_;
  /// Submitted and not known to be persisted, if that is of interest.
  std::deque<open_ticket> open_;
  /// A snapshot that was taken into use: at which machine ticket it is on disk.
  std::optional<uint64_t> install_ticket_;
  /// Between install and carry_on: what was laid down must not be touched.
  bool installs_ = false;
  std::optional<uint64_t> installed_;
};

} // namespace agora
