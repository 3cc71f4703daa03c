// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agora/load/load.pb.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace agora::load {

/// Counts latencies in buckets whose width grows with the latency: a quantile
/// is right to 1.6 %. Its size does not depend on how much it has counted.
class latency_histogram {
public:
  /// Negative ones count as zero, and more than the last bucket as the last.
  void add(std::chrono::nanoseconds latency);

  /// Adds what another process has counted. Buckets that do not exist are
  /// ignored.
  void add(const Latencies& others);

  uint64_t count() const noexcept {
    return count_;
  }

  /// The latency, in milliseconds, that the fraction `q` of all does not
  /// exceed; 0 if there is none.
  double quantile_ms(double q) const;

  Latencies to_message() const;

private:
  // Latencies are counted in microseconds. Below `linear` each has a bucket of
  // its own; above, each power of two is divided into half as many.
  static constexpr uint32_t linear_bits = 7;
  static constexpr uint64_t linear = uint64_t{1} << linear_bits;
  static constexpr uint32_t powers = 32;
  static constexpr size_t buckets = linear + powers * linear / 2;

  static size_t bucket_of(uint64_t microseconds);
  /// The middle of a bucket.
  static double microseconds_of(size_t bucket);

  std::array<uint64_t, buckets> counts_{};
  uint64_t count_ = 0;
};

} // namespace agora::load
