// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/epoch.hpp"
#include "runtime/base/result.hpp"
#include "storage/consensus/log_entry.hpp"
#include "storage/store/store.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace agora {

/// Where a log's records are in a store, and how they are read and written.
/// Knows keys and checksums, and nothing of proposing and committing.
///
/// In the namespace "log/<name>/": entry/<index>, meta/epoch (generation,
/// term), meta/applied (applied index, first kept index), state/<key>.
class log_storage {
public:
  /// What a log finds at its start.
  struct found {
    /// That of the last start; term 0 if there was none.
    epoch last;
    /// The first entry that is still there, or would be.
    uint64_t first_index = 1;
    /// The last entry that is there, or was removed.
    uint64_t last_index = 0;
    uint64_t applied_index = 0;
  };

  log_storage(std::shared_ptr<store> where, std::string_view name);

  /// Reads everything but the state, and checks each entry: checksum, no gap,
  /// terms that never fall.
  /// @returns errc::store_corrupt naming path and index; errc::io_failed.
  result<found> load() const;

  /// Reads the entries from `first` to at most `last`, stopping behind `max` of
  /// them or behind the first that makes their payloads `bytes` or more.
  /// @returns errc::store_corrupt naming path and index; errc::io_failed.
  result<std::vector<log_entry>> read(uint64_t first, uint64_t last, size_t max,
                                      size_t bytes) const;

  void put_epoch(write_batch& to, epoch value) const;
  void put_entry(write_batch& to, const log_entry& entry) const;

  /// The applied index and the first entry that is kept: one record, because
  /// they change together.
  void put_applied(write_batch& to, uint64_t applied, uint64_t first) const;

  /// Removes the entries in [`from`, `until`).
  void erase_entries(write_batch& to, uint64_t from, uint64_t until) const;

  /// Makes keys relative to the state absolute.
  void place_in_state(write_batch& changes) const;

  /// As replicated_log::get_state and for_each_state.
  result<std::optional<std::string>> get_state(std::string_view key) const;
  result<uint64_t> for_each_state(const store_visitor& visitor) const;

  store& where() const noexcept {
    return *where_;
  }

private:
  status load_meta(found& to) const;
  status load_entries(found& to) const;
  result<std::optional<std::array<uint64_t, 2>>>
  numbers_at(const store_reader& from, const std::string& key) const;
  status corrupt(std::string what) const;

  std::shared_ptr<store> where_;
  std::string name_;
  std::string space_;
  std::string entry_space_;
  std::string state_space_;
  std::string epoch_key_;
  std::string applied_key_;
};

} // namespace agora
