// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace agora {

/// How much of a divisible resource: a whole number of thousandths of the
/// field's unit (a cpu, a MiB of mem or disk, or one of a custom resource).
/// Whole numbers, because sums of doubles depend on their order, and then no
/// two masters agree on what is left. Never negative.
class scalar_amount {
public:
  /// The most that one agent may have, in units. 50,000 agents of this size
  /// still add up to a number that 64 bits of thousandths hold, and each
  /// amount is exact as a double.
  static constexpr int64_t units_limit = 100'000'000'000;

  /// The same limit, in thousandths.
  static constexpr int64_t milli_limit = units_limit * 1000;

  constexpr scalar_amount() = default;

  /// @param milli Thousandths; must not be negative, may be above the limit of
  ///              one agent (sums over a cluster are).
  static scalar_amount of_milli(int64_t milli);

  /// Rounds `units` to the nearest thousandth, halves away from zero, as Mesos
  /// does. Fails with invalid_resources if `units` is NaN, infinite, negative
  /// (even if it rounds to zero) or above units_limit.
  static result<scalar_amount> from_double(double units);

  constexpr int64_t milli() const {
    return milli_;
  }

  /// The amount in units, as clients read it; exact up to units_limit.
  double to_double() const;

  /// The sum, or nothing if 64 bits do not hold it.
  std::optional<scalar_amount> plus(scalar_amount other) const;

  /// The difference, or nothing if `other` is more than this.
  std::optional<scalar_amount> minus(scalar_amount other) const;

  constexpr auto operator<=>(const scalar_amount&) const = default;

private:
  int64_t milli_ = 0;
};

/// Units with up to three decimals and no trailing zeros: "2", "0.5".
std::string to_string(scalar_amount amount);

} // namespace agora
