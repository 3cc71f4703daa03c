// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "storage/store/store_limits.hpp"
#include "storage/store/write_batch.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace agora {

/// Says to a scan whether to go on.
enum class visit : uint8_t { more, stop };

/// Called for each key of a scan, in byte order. The views end with the call.
using store_visitor
  = std::function<visit(std::string_view key, std::string_view value)>;

/// What can be read, of a store or of a frozen view of one.
class store_reader {
public:
  virtual ~store_reader() = default;

  /// The value of `key`, or nothing if there is none.
  /// @returns errc::store_corrupt or errc::io_failed, naming the path.
  virtual result<std::optional<std::string>>
  get(std::string_view key) const = 0;

  /// Visits each key that starts with `prefix` and is not less than `from`, in
  /// byte order, until the visitor says stop. An empty `from` begins with the
  /// first. The caller bounds the work by stopping, and goes on later from the
  /// last key followed by a zero byte.
  /// @returns errc::store_corrupt or errc::io_failed, naming the path; the
  ///          visitor may have seen a part by then.
  virtual status scan(std::string_view prefix, std::string_view from,
                      const store_visitor& visitor) const = 0;
};

/// Which data directory this is. Made once, with the directory.
struct store_identity {
  /// Whose data it is: "master" or "agent".
  std::string kind;
  /// Random, 32 hex digits; tells a wiped or copied directory from its origin.
  std::string uid;
};

/// The seam between what decides and what must survive a crash.
///
/// `submit` returns at once; later the listener hears that everything up to a
/// ticket is on disk. A crash between the two may lose what was submitted and
/// not reported, always a suffix: if a batch is lost, so are all later ones,
/// and no batch is ever there in part.
///
/// Reads are synchronous and see what is on disk: every batch that was
/// reported, perhaps some that are about to be reported, never one that waits
/// in the queue. Whoever needs to read its own unreported writes keeps them in
/// memory.
///
/// A failed write or fsync is final: the listener hears of it once, nothing is
/// persisted or taken afterwards, and the process has to end. It is never
/// retried in place, because after a failed fsync nobody knows what is on disk.
///
/// Threads: `submit` belongs to one owner; reads may come from any thread. The
/// listener is called by the store's own thread.
class store : public store_reader {
public:
  /// Chosen by the owner, strictly increasing, from 1.
  using ticket = uint64_t;

  struct listener {
    /// Everything submitted up to and including this ticket is on disk. Comes
    /// from the store's thread, in order, not for each ticket: one call covers
    /// a whole group commit. Must be quick, and must not call the store except
    /// for submit.
    std::function<void(ticket)> persisted;
    /// The disk failed (errc::store_full, errc::io_failed, errc::store_corrupt;
    /// the text names the path). Called at most once, from the store's thread,
    /// or by listen if it has failed by then.
    /// The daemon logs, flushes and ends the process.
    std::function<void(const status&)> failed;
  };

  /// Sets who hears. Call it before the first submit; once.
  virtual void listen(listener who) = 0;

  /// Queues `batch`. An empty batch is allowed: its report tells that all
  /// before it is on disk.
  /// `batch` is moved from if and only if it was taken.
  /// @pre `t` is greater than every ticket before it.
  /// @returns errc::limit_reached if the queue is full, errc::too_large if the
  ///          batch or a key is over its limit, errc::io_failed after a
  ///          failure; nothing is taken then, and the ticket may be used
  ///          again.
  virtual status submit(write_batch&& batch, ticket t) = 0;

  /// Writes `batch` and returns when it is on disk. For start-up only.
  /// @pre Nothing was submitted yet.
  /// @returns as `listener::failed`, and errc::too_large.
  virtual status write_now(write_batch batch) = 0;

  /// What is on disk now, frozen: later writes do not show in it. It must end
  /// before the store, and soon: it keeps old data alive.
  virtual result<std::unique_ptr<store_reader>> view() const = 0;

  /// Which data directory this is.
  virtual const store_identity& identity() const = 0;

  /// Where the data is, for texts.
  virtual const std::string& path() const = 0;

  virtual const store_limits& limits() const = 0;
};

} // namespace agora
