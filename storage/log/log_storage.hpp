// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "storage/consensus/consensus_machine.hpp"
#include "storage/log/state_source.hpp"
#include "storage/store/store.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace agora {

/// Where a log's records are in a store, and how they are read and written.
/// Knows keys and checksums, and nothing of proposing and committing.
///
/// In the namespace "log/<name>/": entry/<index>; meta/vote (term, member),
/// meta/base (term, index) and meta/members (as of the base), meta/cluster,
/// meta/applied (applied index, instance); state/<instance>/<key>. A snapshot
/// that arrives is laid down in an instance of its own, beside the one that is
/// in use: taking it into use changes a few records, however large it is.
class log_storage final : public state_source {
public:
  /// What a log finds at its start.
  struct found {
    restored_member member;
    /// Empty until the member belongs to one.
    std::string cluster_id;
    /// The stored state has taken in everything up to here.
    uint64_t applied_index = 0;
    /// Bytes of the payloads of all entries.
    uint64_t entry_bytes = 0;
  };

  log_storage(std::shared_ptr<store> where, std::string_view name);

  /// Reads everything but the state, and checks each entry: checksum, no gap,
  /// terms that never fall. What an unfinished snapshot has left is ignored.
  /// @returns errc::store_corrupt naming path and index;
  ///          errc::version_mismatch: of an older program; errc::io_failed.
  result<found> load();

  /// Reads the entries from `first` to at most `last`, stopping behind `max` of
  /// them or behind the first that makes their payloads `bytes` or more.
  /// @returns errc::store_corrupt naming path and index; errc::io_failed.
  result<std::vector<entry_ptr>> read(uint64_t first, uint64_t last, size_t max,
                                      size_t bytes) const;

  void put_vote(write_batch& to, const vote_record& value) const;
  void put_cluster(write_batch& to, std::string_view id) const;
  void put_entry(write_batch& to, const log_entry& entry) const;
  void put_applied(write_batch& to, uint64_t index) const;

  /// Where the log begins: behind `mark.last`.
  void put_base(write_batch& to, const snapshot_mark& mark) const;

  /// Removes the entries in [`from`, `until`).
  void erase_entries(write_batch& to, uint64_t from, uint64_t until) const;

  /// Removes the entries from `from` on.
  void erase_entries_from(write_batch& to, uint64_t from) const;

  /// Makes keys relative to the state absolute.
  void place_in_state(write_batch& changes) const;

  // -- a snapshot that arrives ------------------------------------------------

  /// Removes whatever lies beside the state in use.
  void erase_staged(write_batch& to) const;

  /// Makes keys relative to the state absolute, for the one that arrives.
  void place_in_staged(write_batch& changes) const;

  /// Replaces log and state by what was staged: durable with `to`, and in use
  /// from now on for what is written. What is read by then is neither.
  void install_staged(write_batch& to, const snapshot_mark& mark);

  // -- the state --------------------------------------------------------------

  /// The stored value of a key of the state.
  /// @returns errc::store_corrupt, errc::io_failed.
  result<std::optional<std::string>> get_state(std::string_view key) const;

  /// Visits the keys of the state that `from` has, beginning at `first`; keys
  /// relative to the state.
  status scan_state(const store_reader& from, std::string_view first,
                    const store_visitor& visitor) const;

  /// As scan_state, of a view of the store.
  status visit_all(const store_visitor& visitor) const override;

  /// Where the state stands that `from` has.
  /// @returns errc::store_corrupt, errc::io_failed.
  result<uint64_t> applied_index(const store_reader& from) const;

  store& where() const noexcept {
    return *where_;
  }

private:
  status load_meta(found& to);
  status load_entries(found& to) const;
  result<std::optional<std::array<uint64_t, 2>>>
  numbers_at(const store_reader& from, const std::string& key) const;
  result<std::optional<std::string>> text_at(const std::string& key) const;
  result<std::string> state_space_of(const store_reader& from) const;
  std::string state_space(uint64_t instance) const;
  status corrupt(std::string what) const;

  std::shared_ptr<store> where_;
  std::string name_;
  std::string space_;
  std::string entry_space_;
  std::string states_space_;
  std::string vote_key_;
  std::string base_key_;
  std::string members_key_;
  std::string cluster_key_;
  std::string applied_key_;
  /// Which state is in use for what is written.
  uint64_t instance_ = 0;
  std::string state_space_;
};

} // namespace agora
