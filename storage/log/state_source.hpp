// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "storage/store/store.hpp"

namespace agora {

/// A stored state that can be visited as a whole.
class state_source {
public:
  virtual ~state_source() = default;

  /// Visits its keys, relative to it, in their order.
  /// @returns errc::store_corrupt, errc::io_failed. May be called from any
  ///          thread.
  virtual status visit_all(const store_visitor& visitor) const = 0;
};

} // namespace agora
