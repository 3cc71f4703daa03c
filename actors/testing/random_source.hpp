// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace agora::simulation {

/// The only chance in a simulation: the same seed gives the same numbers on
/// every machine and with every standard library, which the distributions of
/// <random> do not.
class random_source {
public:
  explicit random_source(uint64_t seed) : state_(seed) {
    // nop
  }

  /// 64 random bits (SplitMix64, by Steele, Lea and Flood).
  uint64_t next() {
    auto mixed = state_ += 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
  }

  /// From 0 to `end` - 1.
  /// @pre `end` > 0.
  uint64_t below(uint64_t end) {
    return next() % end;
  }

  /// From `first` to `last`, both included.
  int64_t between(int64_t first, int64_t last) {
    return first
           + static_cast<int64_t>(
             below(static_cast<uint64_t>(last - first + 1)));
  }

  std::chrono::nanoseconds between(std::chrono::nanoseconds first,
                                   std::chrono::nanoseconds last) {
    return std::chrono::nanoseconds{between(first.count(), last.count())};
  }

  /// From 0 to 1, 1 excluded.
  double fraction() {
    return static_cast<double>(next() >> 11) / 9007199254740992.0;
  }

  bool chance(double probability) {
    return probability > 0 && fraction() < probability;
  }

  std::string bytes(size_t count) {
    std::string all;
    while (all.size() < count)
      all += static_cast<char>(next() & 0xff);
    return all;
  }

  /// A source of its own, so that more draws here do not change what is drawn
  /// there.
  random_source fork() {
    return random_source{next()};
  }

private:
  uint64_t state_;
};

} // namespace agora::simulation
