// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/log/log_snapshot.hpp"

#include <utility>

namespace agora {

log_snapshot::log_snapshot(const log_storage& storage,
                           std::unique_ptr<store_reader> view,
                           snapshot_mark mark)
  : storage_(&storage), view_(std::move(view)), mark_(std::move(mark)) {
  // nop
}

status log_snapshot::next(size_t bytes, const record_visitor& visitor) {
  if (complete_)
    return {};
  size_t seen = 0;
  auto stopped = false;
  auto bad = storage_->scan_state(*view_, from_, [&](auto key, auto value) {
    if (seen >= bytes) {
      from_ = key;
      stopped = true;
      return visit::stop;
    }
    visitor(key, value);
    seen += key.size() + value.size();
    return visit::more;
  });
  complete_ = !bad && !stopped;
  return bad;
}

} // namespace agora
