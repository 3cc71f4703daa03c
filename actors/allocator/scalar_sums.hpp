// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/resources/dominant_share.hpp"
#include "runtime/resources/resources.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace agora {

/// Scalars added up over many agents, in thousandths, by the numbers that a
/// scalar_names has given. Class `resources` does not do here: ports of two
/// agents cannot be added, and a cluster may have more names than an agent.
class scalar_sums {
public:
  /// Adds `other`. An overflow is a broken invariant: 64 bits hold the sum of
  /// 92,000 agents of the largest size.
  void add(const scalar_sums& other);

  /// Takes `other` away, which must be in.
  void subtract(const scalar_sums& other);

  /// The largest of the shares of `total` that this is, each divided by
  /// `weight`. What `total` has nothing of does not count.
  resource_share dominant_share_of(const scalar_sums& total,
                                   int64_t weight = 1) const;

  /// Whether every sum is zero.
  bool empty() const;

  /// The sum of the resource with `number`.
  int64_t milli(size_t number) const {
    return number < milli_.size() ? milli_[number] : 0;
  }

  /// Adds to one sum.
  void add(size_t number, int64_t milli);

private:
  std::vector<int64_t> milli_;
};

/// Numbers for the names of scalars, so that sums need no names.
class scalar_names {
public:
  scalar_names();

  /// The scalars of `what`. Gives numbers to new names, and leaves out those
  /// for which there is none left (allocation_limits::share_names).
  scalar_sums sums_of(const resources& what);

  /// The bundle that has these sums, for people: names beyond what a bundle
  /// can have are left out.
  resources bundle_of(const scalar_sums& sums) const;

private:
  std::optional<size_t> number_of(std::string_view name);

  std::vector<std::string> names_;
  std::map<std::string, size_t, std::less<>> numbers_;
};

} // namespace agora
