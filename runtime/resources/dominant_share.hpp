// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/resources/resources.hpp"

#include <compare>
#include <cstdint>
#include <string>

namespace agora {

/// A fraction of a whole, compared exactly: fairness that is decided on rounded
/// doubles cannot be replayed.
class resource_share {
public:
  constexpr resource_share() = default;

  /// @param part Thousandths that are held; not negative.
  /// @param whole Thousandths that exist; positive.
  resource_share(int64_t part, int64_t whole);

  /// Divides by a weight (a role of weight 2 may hold twice as much) and
  /// rounds down to a fixed point: 2^40 is a whole. Saturates.
  ///
  /// @param weight_milli Thousandths; from 1 to weight_milli_limit.
  uint64_t weighted(int64_t weight_milli) const;

  /// For people and metrics only, never for decisions.
  double to_double() const;

  std::strong_ordering operator<=>(const resource_share& other) const;

  bool operator==(const resource_share& other) const {
    return (*this <=> other) == std::strong_ordering::equal;
  }

  /// The largest weight, 1,000,000.
  static constexpr int64_t weight_milli_limit = 1'000'000'000;

private:
  int64_t part_ = 0;
  int64_t whole_ = 1;
};

/// The largest share of any resource that somebody holds.
struct dominant_share_result {
  resource_share share;

  /// The resource, empty if nothing is held; the first by name of equals.
  std::string name;
};

/// Dominant resource fairness: the largest of the shares of `total`'s scalars
/// that `allocated` is. What `total` has none of does not count. (Ghodsi et
/// al., NSDI 2011.)
dominant_share_result dominant_share(const resources& allocated,
                                     const resources& total);

} // namespace agora
