// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora-load/latency_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace agora::load {

size_t latency_histogram::bucket_of(uint64_t microseconds) {
  if (microseconds < linear)
    return microseconds;
  auto power = static_cast<uint32_t>(std::bit_width(microseconds)) - 1;
  auto step = power - linear_bits;
  auto within = (microseconds >> (step + 1)) - linear / 2;
  auto bucket = linear + step * linear / 2 + within;
  return std::min<size_t>(bucket, buckets - 1);
}

double latency_histogram::microseconds_of(size_t bucket) {
  if (bucket < linear)
    return static_cast<double>(bucket);
  auto step = (bucket - linear) / (linear / 2);
  auto within = (bucket - linear) % (linear / 2);
  auto width = std::ldexp(1.0, static_cast<int>(step) + 1);
  return (static_cast<double>(linear / 2 + within) + 0.5) * width;
}

void latency_histogram::add(std::chrono::nanoseconds latency) {
  using std::chrono::duration_cast;
  using std::chrono::microseconds;
  auto value
    = std::max<int64_t>(0, duration_cast<microseconds>(latency).count());
  ++counts_[bucket_of(static_cast<uint64_t>(value))];
  ++count_;
}

void latency_histogram::add(const Latencies& others) {
  auto size = std::min(others.bucket_size(), others.count_size());
  for (int i = 0; i < size; ++i) {
    if (others.bucket(i) >= buckets)
      continue;
    counts_[others.bucket(i)] += others.count(i);
    count_ += others.count(i);
  }
}

double latency_histogram::quantile_ms(double q) const {
  auto rank = static_cast<uint64_t>(std::ceil(q * static_cast<double>(count_)));
  uint64_t seen = 0;
  for (size_t i = 0; i < buckets; ++i) {
    seen += counts_[i];
    if (seen != 0 && seen >= rank)
      return microseconds_of(i) / 1'000;
  }
  return 0;
}

Latencies latency_histogram::to_message() const {
  Latencies message;
  for (size_t i = 0; i < buckets; ++i) {
    if (counts_[i] == 0)
      continue;
    message.add_bucket(static_cast<uint32_t>(i));
    message.add_count(counts_[i]);
  }
  return message;
}

} // namespace agora::load
