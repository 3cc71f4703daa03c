// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "storage/consensus/consensus_ready.hpp"
#include "storage/log/log_storage.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace agora {

/// A log's stored state, frozen, read part by part. Keeps old data of the store
/// alive, and must end before it and before its log.
class log_snapshot {
public:
  log_snapshot(const log_storage& storage, std::unique_ptr<store_reader> view,
               snapshot_mark mark);

  /// Where it stands.
  const snapshot_mark& mark() const noexcept {
    return mark_;
  }

  using record_visitor
    = std::function<void(std::string_view key, std::string_view value)>;

  /// Visits the next records until their keys and values have `bytes` or more;
  /// keys relative to the state, in their order.
  /// @returns errc::store_corrupt, errc::io_failed.
  status next(size_t bytes, const record_visitor& visitor);

  /// Whether all was visited.
  bool complete() const noexcept {
    return complete_;
  }

private:
  const log_storage* storage_;
  std::unique_ptr<store_reader> view_;
  snapshot_mark mark_;
  /// Where the next part begins.
  std::string from_;
  bool complete_ = false;
};

} // namespace agora
