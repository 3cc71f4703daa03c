// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/scalar_amount.hpp"

#include "runtime/base/check.hpp"

#include <cmath>
#include <limits>

namespace agora {

scalar_amount scalar_amount::of_milli(int64_t milli) {
  AGORA_CHECK(milli >= 0);
  scalar_amount amount;
  amount.milli_ = milli;
  return amount;
}

result<scalar_amount> scalar_amount::from_double(double units) {
  if (std::isnan(units))
    return fail(errc::invalid_resources, "the amount is not a number");
  if (units < 0)
    return fail(errc::invalid_resources,
                "the amount " + std::to_string(units) + " is negative");
  if (units > static_cast<double>(units_limit))
    return fail(errc::invalid_resources, "the amount is above the limit of "
                                           + std::to_string(units_limit)
                                           + " an agent");
  return of_milli(std::llround(units * 1000));
}

double scalar_amount::to_double() const {
  // Dividing only the part below a unit keeps whole units exact.
  return static_cast<double>(milli_ / 1000)
         + static_cast<double>(milli_ % 1000) / 1000.0;
}

std::optional<scalar_amount> scalar_amount::plus(scalar_amount other) const {
  if (other.milli_ > std::numeric_limits<int64_t>::max() - milli_)
    return std::nullopt;
  return of_milli(milli_ + other.milli_);
}

std::optional<scalar_amount> scalar_amount::minus(scalar_amount other) const {
  if (other.milli_ > milli_)
    return std::nullopt;
  return of_milli(milli_ - other.milli_);
}

std::string to_string(scalar_amount amount) {
  auto text = std::to_string(amount.milli() / 1000);
  auto rest = static_cast<int>(amount.milli() % 1000);
  if (rest == 0)
    return text;
  auto decimals = std::to_string(1000 + rest).substr(1);
  decimals.erase(decimals.find_last_not_of('0') + 1);
  return text + "." + decimals;
}

} // namespace agora
