// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/consensus/configuration.hpp"
#include "storage/consensus/log_entry.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace agora {

/// From `first` on entries are of `term`, until the next run.
struct term_run {
  uint64_t first = 0;
  uint64_t term = 0;

  friend bool operator==(const term_run&, const term_run&) = default;
};

/// The members from an index on.
struct configuration_at {
  uint64_t index = 0;
  configuration members;

  friend bool operator==(const configuration_at&, const configuration_at&)
    = default;
};

/// What a member knows of its log at its start.
struct restored_log {
  /// The last entry that was removed, or that the snapshot holds; {0, 0} for
  /// none.
  log_position base;
  /// The last entry on disk; the base's if there is none.
  uint64_t last_index = 0;
  /// Of the entries behind the base, in order.
  std::vector<term_run> runs;
  /// The newest at or before the base, and all behind it, in order. Empty: the
  /// member has never been taken into a cluster.
  std::vector<configuration_at> configurations;
  /// Known to be committed; at least the base's.
  uint64_t commit = 0;
};

/// A member's log as far as it is in memory: which index has which term, who
/// the members are, and the newest entries themselves. Knows nothing of roles,
/// peers and disks.
///
/// Terms are kept as runs, of which a log has as many as it had leaders; so
/// every index can be compared without reading the disk. Entries that are on
/// disk are let go of, oldest first, when they exceed `tail_bytes`.
class log_view {
public:
  log_view(restored_log from, size_t tail_bytes);

  /// The last entry that is not there any more.
  const log_position& base() const noexcept {
    return base_;
  }

  uint64_t last_index() const noexcept {
    return last_index_;
  }

  /// Where the log ends.
  log_position last() const;

  /// All up to here is on this member's disk.
  uint64_t persisted_index() const noexcept {
    return persisted_;
  }

  /// All up to here was handed out by take_new, or is on this member's disk.
  uint64_t handed_out_index() const noexcept {
    return handed_out_;
  }

  /// All up to here is decided.
  uint64_t commit_index() const noexcept {
    return commit_;
  }

  /// The term of the entry at `index`; nothing below the base and behind the
  /// end.
  std::optional<uint64_t> term_at(uint64_t index) const;

  bool has(const log_position& position) const {
    return term_at(position.index) == position.term;
  }

  /// The last position at or before `index` with `term` or an earlier one:
  /// where two logs may still agree if one has `term` at `index`. Never before
  /// the base.
  log_position last_at_or_before(uint64_t index, uint64_t term) const;

  /// The entry if it is in memory.
  entry_ptr find(uint64_t index) const;

  /// The first entry in memory; all behind it are, too. Behind the end if there
  /// is none.
  uint64_t tail_first() const noexcept {
    return last_index_ + 1 - tail_.size();
  }

  /// Bytes of the payloads of entries that are not committed.
  size_t uncommitted_bytes() const noexcept {
    return uncommitted_bytes_;
  }

  /// The newest configuration, committed or not; without members if there has
  /// never been one.
  const configuration& members() const;

  /// At which index the newest configuration stands.
  uint64_t members_index() const;

  /// The members as of `index`.
  /// @pre base().index <= index
  const configuration& members_at(uint64_t index) const;

  /// @pre entry->index == last_index() + 1; the term does not fall; a
  ///      configuration can be decoded.
  void append(entry_ptr entry);

  /// Takes away everything from `index` on, and the configurations therein.
  /// @pre commit_index() < index <= last_index()
  void truncate_from(uint64_t index);

  /// @pre commit_index() <= index <= last_index()
  void commit_to(uint64_t index);

  /// Everything up to this position is on disk, if the log still has it.
  void persisted_to(const log_position& position);

  /// The entries up to `index` are gone from the disk.
  /// @pre index <= commit_index(), index <= persisted_index()
  void compact_to(uint64_t index);

  /// The log is nothing but a snapshot from now on.
  /// @pre commit_index() < base.index
  void reset(const log_position& base, configuration members);

  /// Entries that were taken in since the last call, or since the last
  /// truncation if that was later: what has to get to the disk.
  std::vector<entry_ptr> take_new();

private:
  void let_go();

  size_t tail_limit_;
  log_position base_;
  uint64_t last_index_ = 0;
  uint64_t persisted_ = 0;
  uint64_t commit_ = 0;
  /// What take_new has handed out.
  uint64_t handed_out_ = 0;
  std::vector<term_run> runs_;
  std::deque<configuration_at> configurations_;
  /// The newest entries without a gap, up to the last.
  std::deque<entry_ptr> tail_;
  size_t tail_bytes_ = 0;
  size_t uncommitted_bytes_ = 0;
};

} // namespace agora
