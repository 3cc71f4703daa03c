// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace agora {

using wall_time = std::chrono::system_clock::time_point;

/// Reads the wall clock. Injected, so that tests own time; for intervals use
/// the actor's own clock, which never jumps.
using wall_clock = std::function<wall_time()>;

/// The machine's clock.
inline wall_clock system_wall_clock() {
  return [] { return std::chrono::system_clock::now(); };
}

/// Nanoseconds since the Unix epoch, as stored records count.
inline int64_t to_nanoseconds(wall_time at) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
           at.time_since_epoch())
    .count();
}

inline wall_time from_nanoseconds(int64_t ns) {
  return wall_time{std::chrono::duration_cast<wall_time::duration>(
    std::chrono::nanoseconds{ns})};
}

} // namespace agora
