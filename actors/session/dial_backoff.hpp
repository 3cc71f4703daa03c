// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>

namespace agora {

struct dial_backoff_settings {
  /// Between attempts: doubles from the first to the last, each time that all
  /// addresses have been tried.
  std::chrono::milliseconds first{100};
  std::chrono::milliseconds last{5'000};
  /// Each wait is shortened by chance, by up to this many hundredths: the
  /// thousands who lost the same master must not come back as one.
  uint32_t scatter_percent = 50;
};

/// For agents: thousands of them lose the same master, and what their attempts
/// cost is missed where it starts again.
inline constexpr dial_backoff_settings backoff_of_many{
  std::chrono::milliseconds{400}, std::chrono::milliseconds{5'000}};

/// For frameworks and people: they are few, and somebody waits.
inline constexpr dial_backoff_settings backoff_of_few{
  std::chrono::milliseconds{100}, std::chrono::milliseconds{1'000}};

/// How long who dials waits until it dials again.
class dial_backoff {
public:
  /// @param addresses How many are tried in turn; at least one.
  /// @param seed Of the scatter; different in each process.
  dial_backoff(dial_backoff_settings settings, size_t addresses, uint64_t seed);

  /// An attempt failed: returns the wait before the next one, of at least a
  /// millisecond.
  std::chrono::milliseconds next_wait();

  /// All is well again: the next wait is the first.
  void reset();

private:
  dial_backoff_settings settings_;
  size_t addresses_;
  std::minstd_rand random_;
  std::chrono::milliseconds wait_;
  size_t attempts_ = 0;
};

} // namespace agora
