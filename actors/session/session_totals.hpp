// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace agora {

/// What all sessions of this process have sent and received since it started,
/// with or without a body.
struct session_totals {
  std::atomic<uint64_t> frames_sent{0};
  std::atomic<uint64_t> frames_received{0};
};

/// Those of this process. Any thread may read them.
session_totals& totals_of_sessions();

} // namespace agora
