// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/epoch.hpp"
#include "runtime/base/result.hpp"
#include "storage/consensus/log_entry.hpp"
#include "storage/store/store.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace agora {

/// Settings of a log; each is a limit by name.
struct log_settings {
  /// Proposed and not yet applied, in entries.
  size_t inflight_entries = 65'536;
  /// Proposed and not yet applied, in bytes of payload.
  size_t inflight_bytes = size_t{48} << 20;
  /// One payload. A task's description is the largest thing in an entry.
  size_t payload_bytes = size_t{8} << 20;
  /// Payload that one take_committed reads again from the disk, after a
  /// restart; it is exceeded by one entry at most.
  size_t replay_bytes = size_t{8} << 20;
  /// Applied entries that are kept, for members that lag and for people who
  /// look what happened.
  uint64_t retained_entries = 10'000;
  /// Entries beyond the tail are removed when this many have gathered: a range
  /// deletion costs the same for one entry as for thousands.
  uint64_t trim_step = 1'000;
};

/// A log of commands that is agreed on, and the state that results from it.
///
/// The way of a command: `propose` -> on the disks of a majority, the listener
/// is told -> `take_committed` hands it out -> the owner applies it to its
/// state -> `applied`, with the changes of the state's stored form.
///
/// State and applied index reach the disk in one batch, so a restart finds the
/// state at exactly one index; the committed entries behind it are handed out
/// again by `take_committed`. They are applied again to the older state: a
/// state machine that is a fold of entries cannot tell.
///
/// A snapshot of this log is the stored state at its applied index, as
/// `for_each_state` visits it. With one member nobody has to be sent one: it
/// is simply what stands in the store, and entries at or below its index, less
/// a retained tail, are removed in the background.
///
/// Threads: one owner (an actor) makes all calls. The listener comes from the
/// store's thread, and only says that there is something to take.
class replicated_log {
public:
  struct listener {
    /// `take_committed` may have something. Comes from the store's thread and
    /// once for many entries; send yourself a message and return. Spurious
    /// calls happen; a call is never missing.
    std::function<void()> wake;
    /// The disk failed: the process has to end. See store::listener.
    std::function<void(const status&)> failed;
  };

  virtual ~replicated_log() = default;

  /// Sets who hears. Call it once, before the first propose.
  virtual void listen(listener who) = 0;

  /// Appends `payloads` with consecutive indexes; together or not at all.
  /// Nothing may be said to the outside before they come out of
  /// `take_committed`.
  /// @returns the index of the first one. errc::limit_reached: too much is in
  ///          flight, or the disk is behind; try again after the next applied
  ///          or wake;
  ///          errc::too_large: a payload or all together are over the limit;
  ///          errc::invalid_argument: there is none; errc::not_leader. Nothing
  ///          was taken then.
  virtual result<uint64_t> propose(std::vector<std::string> payloads) = 0;

  /// The next committed entries, in order, each index exactly once in the life
  /// of this object, starting behind the index that was applied at its start.
  /// Less than `max` does not mean that there are no more on the way; nothing
  /// means wait for the listener.
  /// @returns errc::store_corrupt if an entry that is read again after a
  ///          restart is damaged; the text names path and index.
  virtual result<std::vector<log_entry>> take_committed(size_t max) = 0;

  /// Says that the state has taken in every entry up to `index`, and how its
  /// stored form changes by that; keys are relative to the state. Applied
  /// index and changes are written together, with the next group commit. Never
  /// refused for load: entries in flight bound it.
  /// @pre applied_index() < index <= the last entry that was taken.
  /// @returns errc::too_large if the changes exceed the store's limit for one
  ///          batch; as store::listener::failed after a failure.
  virtual status applied(uint64_t index, write_batch changes) = 0;

  /// The index of the last entry that is known to be committed; 0 for none.
  virtual uint64_t commit_index() const = 0;

  /// The last index that `applied` has named, in this life or an earlier one.
  virtual uint64_t applied_index() const = 0;

  /// The index of the last entry proposed or found; 0 for none.
  virtual uint64_t last_index() const = 0;

  /// The epoch in which this member proposes. Durable before anybody sees it.
  virtual epoch current_epoch() const = 0;

  /// The stored value of a key of the state, as far as it is on disk: changes
  /// given to `applied` just now may be missing. For start-up and for reads
  /// that may be old.
  virtual result<std::optional<std::string>>
  get_state(std::string_view key) const = 0;

  /// Visits the stored state from one frozen view, in key order, keys relative
  /// to the state. Between start-up and the first `applied` this is the state
  /// at applied_index().
  /// @returns the index at which the state stands, or errc::store_corrupt,
  ///          errc::io_failed.
  virtual result<uint64_t>
  for_each_state(const store_visitor& visitor) const = 0;
};

} // namespace agora
