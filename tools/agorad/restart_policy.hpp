// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace agora {

/// When a part that has died is started again. A decision: it reads no clock.
class restart_policy {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Between death and the next start: doubles from the first to the last.
  static constexpr std::chrono::milliseconds backoff_first{100};
  static constexpr std::chrono::milliseconds backoff_last{5'000};

  /// A part that lived for this long is well: the backoff begins anew.
  static constexpr std::chrono::milliseconds settled_after{10'000};

  /// So many deaths in a row, none after settled_after, and the part is given
  /// up: what is wrong does not pass by itself.
  static constexpr uint32_t deaths_limit = 8;

  /// The part was started at `now`.
  void started(time_point now);

  /// The part has died at `now`. Returns how long to wait, or nothing if it is
  /// given up.
  std::optional<std::chrono::milliseconds> died(time_point now);

private:
  time_point started_;
  uint32_t deaths_ = 0;
};

} // namespace agora
