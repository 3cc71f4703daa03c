// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/allocator/scalar_sums.hpp"

#include "actors/allocator/allocation_limits.hpp"
#include "runtime/base/check.hpp"

#include <algorithm>

namespace agora {

namespace {

// The numbers of what nearly every bundle has.
constexpr size_t cpus_number = 0;
constexpr size_t mem_number = 1;
constexpr size_t disk_number = 2;

bool is_common(std::string_view name) {
  return name == "cpus" || name == "mem" || name == "disk";
}

} // namespace

void scalar_sums::add(size_t number, int64_t milli) {
  if (milli == 0)
    return;
  if (number >= milli_.size())
    milli_.resize(number + 1);
  auto overflown
    = __builtin_add_overflow(milli_[number], milli, &milli_[number]);
  AGORA_CHECK(!overflown);
}

void scalar_sums::add(const scalar_sums& other) {
  for (size_t i = 0; i < other.milli_.size(); ++i)
    add(i, other.milli_[i]);
}

void scalar_sums::subtract(const scalar_sums& other) {
  for (size_t i = 0; i < other.milli_.size(); ++i) {
    if (other.milli_[i] == 0)
      continue;
    AGORA_CHECK(milli(i) >= other.milli_[i]);
    milli_[i] -= other.milli_[i];
  }
}

resource_share scalar_sums::dominant_share_of(const scalar_sums& total,
                                              int64_t weight) const {
  AGORA_CHECK(weight > 0);
  resource_share largest;
  auto known = std::min(milli_.size(), total.milli_.size());
  for (size_t i = 0; i < known; ++i) {
    if (milli_[i] == 0 || total.milli_[i] == 0)
      continue;
    // Whole thousandths: a weight costs less than one of exactness.
    resource_share share{milli_[i] / weight, total.milli_[i]};
    if (share > largest)
      largest = share;
  }
  return largest;
}

bool scalar_sums::empty() const {
  return std::all_of(milli_.begin(), milli_.end(), [](int64_t milli) {
    return milli == 0;
  });
}

scalar_names::scalar_names() {
  for (auto name : {"cpus", "mem", "disk"}) {
    numbers_.emplace(name, names_.size());
    names_.emplace_back(name);
  }
}

scalar_sums scalar_names::sums_of(const resources& what) {
  scalar_sums sums;
  sums.add(disk_number, what.disk().milli()); // the last: one allocation
  sums.add(mem_number, what.mem().milli());
  sums.add(cpus_number, what.cpus().milli());
  what.for_each([&](std::string_view name, const resource_value& value) {
    auto amount = std::get_if<scalar_amount>(&value);
    if (amount == nullptr || is_common(name))
      return;
    if (auto number = number_of(name))
      sums.add(*number, amount->milli());
  });
  return sums;
}

resources scalar_names::bundle_of(const scalar_sums& sums) const {
  auto bundle = resources::of_milli(
    sums.milli(cpus_number), sums.milli(mem_number), sums.milli(disk_number));
  for (size_t i = disk_number + 1; i < names_.size(); ++i) {
    auto one = resources::of(names_[i], scalar_amount::of_milli(sums.milli(i)));
    if (one)
      static_cast<void>(bundle.add(*one)); // fails beyond its limit of names
  }
  return bundle;
}

std::optional<size_t> scalar_names::number_of(std::string_view name) {
  if (auto known = numbers_.find(name); known != numbers_.end())
    return known->second;
  if (names_.size() == allocation_limits::share_names)
    return std::nullopt;
  names_.emplace_back(name);
  numbers_.emplace(std::string{name}, names_.size() - 1);
  return names_.size() - 1;
}

} // namespace agora
