// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/resources/resource_value.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace agora {

/// A bundle of resources by name, as in an agent, an offer or a task: a plain
/// value with checked arithmetic. Having none of a resource and not having the
/// resource are the same, so `a + b - b == a` holds.
///
/// cpus, mem and disk, which every task has, are three numbers without further
/// memory; all else stands in a sorted list. A million tasks have one each.
///
/// It holds unreserved resources. To which role they are allocated is known by
/// whoever holds the bundle; resources_codec puts it on the wire. When
/// reservations come, they become part of the key beside the name.
class resources {
public:
  /// Names that a bundle may have.
  static constexpr size_t names_limit = 64;

  /// Bytes that a name may have.
  static constexpr size_t name_bytes_limit = 128;

  resources() = default;

  /// The bundle of cpus, mem (MiB) and disk (MiB), each in thousandths, none
  /// of which may be negative.
  static resources of_milli(int64_t cpus_milli, int64_t mem_milli = 0,
                            int64_t disk_milli = 0);

  /// The bundle of one resource. Fails with invalid_resources, naming it, if
  /// the name is empty, too long, not printable ASCII or contains a space or
  /// one of `:;,()[]{}"`, or if `value` is of a kind that this name never has.
  static result<resources> of(std::string_view name, resource_value value);

  bool empty() const;

  /// How many resources there are.
  size_t size() const;

  /// Adds all of `other`. Fails with invalid_resources, naming the resource,
  /// and without changing anything, if a sum overflows, a name has two kinds
  /// or exceeds names_limit, or a port or item would be there twice.
  status add(const resources& other);

  /// Takes all of `other` away. Fails with invalid_resources, naming the
  /// resource, and without changing anything, unless contains(other).
  status subtract(const resources& other);

  /// As add, for sums that the caller's own bookkeeping has made sure of: an
  /// error is a broken invariant and ends the process.
  resources& operator+=(const resources& other);

  /// As subtract, for differences that cannot fail; see operator+=.
  resources& operator-=(const resources& other);

  /// Whether `other` could be subtracted.
  bool contains(const resources& other) const;

  /// What is in both.
  resources intersected(const resources& other) const;

  /// What is left after as much of `other` as is there has gone.
  resources minus_saturated(const resources& other) const;

  /// Only the scalars. Quota and fair shares are about these: numbers of
  /// ports of different machines cannot be added.
  resources scalars() const;

  /// The value called `name`, or nothing if there is none of it.
  std::optional<resource_value> find(std::string_view name) const;

  /// The amount called `name`; zero if there is none, or it is no scalar.
  scalar_amount scalar(std::string_view name) const;

  scalar_amount cpus() const {
    return scalar_amount::of_milli(common_[cpus_index]);
  }

  /// In MiB.
  scalar_amount mem() const {
    return scalar_amount::of_milli(common_[mem_index]);
  }

  /// In MiB.
  scalar_amount disk() const {
    return scalar_amount::of_milli(common_[disk_index]);
  }

  /// The value called "ports"; empty if there is none.
  ranges ports() const;

  /// Calls `f(std::string_view, const resource_value&)` for each resource, by
  /// name in ascending order.
  template <class F>
  void for_each(F f) const {
    auto next = others_.begin();
    for (size_t i = 0; i < common_.size(); ++i) {
      // Not `<`, which clang 14 does not find here.
      for (; next != others_.end() && next->name.compare(common_names[i]) < 0;
           ++next)
        f(std::string_view{next->name}, next->value);
      if (common_[i] != 0)
        f(common_names[i], resource_value{scalar_amount::of_milli(common_[i])});
    }
    for (; next != others_.end(); ++next)
      f(std::string_view{next->name}, next->value);
  }

  bool operator==(const resources&) const = default;

private:
  struct entry {
    std::string name;
    resource_value value;

    bool operator==(const entry&) const = default;
  };

  using entry_list = std::vector<entry>;

  /// Sorted, so that for_each is a merge.
  static constexpr std::array<std::string_view, 3> common_names{"cpus", "disk",
                                                                "mem"};
  static constexpr size_t cpus_index = 0;
  static constexpr size_t disk_index = 1;
  static constexpr size_t mem_index = 2;

  /// The position of `name` in common_names, or their number.
  static size_t common_index(std::string_view name);

  entry_list::const_iterator lower_bound(std::string_view name) const;

  /// The value of an entry outside common_, or null.
  const resource_value* find_other(std::string_view name) const;

  /// Thousandths of what common_names says. Never negative.
  std::array<int64_t, 3> common_{};

  /// Everything else: sorted by name, no name twice, no value empty.
  entry_list others_;
};

/// Whether `wanted` can be taken out of `available`.
inline bool fits(const resources& wanted, const resources& available) {
  return available.contains(wanted);
}

} // namespace agora
