// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "storage/store/write_batch.hpp"

#include <cstddef>

namespace agora {

/// What a store takes at most. Exceeding a queue limit is the sign of a disk
/// that is slower than its users: they are refused, not buffered.
struct store_limits {
  /// Submitted and not yet persisted, in bytes. The batch that crosses the
  /// limit is still taken, so the queue may exceed it by one batch.
  size_t queued_bytes = size_t{64} << 20;
  /// Submitted and not yet persisted, in batches.
  size_t queued_batches = 65'536;
  /// One batch.
  size_t batch_bytes = size_t{32} << 20;
  /// One key.
  size_t key_bytes = size_t{4} << 10;
};

/// @returns errc::too_large if `batch` or a key of it is over its limit.
status check_batch(const write_batch& batch, const store_limits& limits);

/// @returns errc::limit_reached if a queue of this size may not grow.
status check_queue(size_t queued_bytes, size_t queued_batches,
                   const store_limits& limits);

} // namespace agora
