// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace agora {

/// The numbers from `first` to `last`, both included.
struct interval {
  uint64_t first = 0;
  uint64_t last = 0;

  bool operator==(const interval&) const = default;
};

/// "31000-32000"
std::string to_string(const interval& what);

/// A set of numbers, such as ports, held as intervals that are sorted, do not
/// touch and do not overlap; so equal sets compare equal.
class ranges {
public:
  /// Intervals that one value from outside may have. What is computed from
  /// such values may have more: it is bounded by what it is computed from, and
  /// returning a task's ports must never fail because of fragmentation.
  static constexpr size_t intervals_limit = 4096;

  ranges() = default;

  /// Takes intervals in any order. Fails with invalid_resources, naming the
  /// intervals, if one is inverted, two overlap, or they are too many.
  static result<ranges> from_intervals(std::vector<interval> list);

  /// As from_intervals, but merges what overlaps, as the text form allows.
  static result<ranges> from_overlapping(std::vector<interval> list);

  const std::vector<interval>& intervals() const {
    return intervals_;
  }

  bool empty() const {
    return intervals_.empty();
  }

  /// How many numbers there are; the largest uint64_t also if all 2^64.
  uint64_t count() const;

  bool contains(uint64_t number) const;

  bool contains(const ranges& other) const;

  /// The first numbers that are in both, or nothing.
  std::optional<interval> first_common(const ranges& other) const;

  /// The numbers that are in either.
  ranges united(const ranges& other) const;

  /// The numbers that are in both.
  ranges intersected(const ranges& other) const;

  /// The numbers that are here and not in `other`.
  ranges without(const ranges& other) const;

  bool operator==(const ranges&) const = default;

private:
  std::vector<interval> intervals_;
};

/// "[31000-32000,33000-33010]"
std::string to_string(const ranges& what);

} // namespace agora
