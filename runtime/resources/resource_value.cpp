// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/resource_value.hpp"

#include <algorithm>
#include <array>
#include <type_traits>

namespace agora {

namespace {

status other_kind(const resource_value& lhs, const resource_value& rhs) {
  return fail(errc::invalid_resources, std::string{kind_of(lhs)} + " and "
                                         + std::string{kind_of(rhs)}
                                         + " do not mix under one name");
}

result<resource_value> sum(const scalar_amount& lhs, const scalar_amount& rhs) {
  if (auto made = lhs.plus(rhs))
    return resource_value{*made};
  return fail(errc::invalid_resources, "the sum of " + to_string(lhs) + " and "
                                         + to_string(rhs)
                                         + " is too large to be counted");
}

result<resource_value> sum(const ranges& lhs, const ranges& rhs) {
  if (auto twice = lhs.first_common(rhs))
    return fail(errc::invalid_resources,
                to_string(*twice) + " is there already");
  return resource_value{lhs.united(rhs)};
}

result<resource_value> sum(const string_set& lhs, const string_set& rhs) {
  auto twice = lhs.intersected(rhs);
  if (!twice.empty())
    return fail(errc::invalid_resources,
                twice.items().front() + " is there already");
  return resource_value{lhs.united(rhs)};
}

result<resource_value> rest(const scalar_amount& whole,
                            const scalar_amount& part) {
  if (auto made = whole.minus(part))
    return resource_value{*made};
  return fail(errc::invalid_resources, to_string(part) + " is more than the "
                                         + to_string(whole) + " there are");
}

result<resource_value> rest(const ranges& whole, const ranges& part) {
  if (whole.contains(part))
    return resource_value{whole.without(part)};
  auto missing = part.without(whole).intervals().front();
  return fail(errc::invalid_resources, to_string(missing) + " is not there");
}

result<resource_value> rest(const string_set& whole, const string_set& part) {
  if (whole.contains(part))
    return resource_value{whole.without(part)};
  auto missing = part.without(whole).items().front();
  return fail(errc::invalid_resources, missing + " is not there");
}

scalar_amount common(const scalar_amount& lhs, const scalar_amount& rhs) {
  return std::min(lhs, rhs);
}

template <class Set>
Set common(const Set& lhs, const Set& rhs) {
  return lhs.intersected(rhs);
}

scalar_amount remains(const scalar_amount& whole, const scalar_amount& part) {
  return whole.minus(part).value_or(scalar_amount{});
}

template <class Set>
Set remains(const Set& whole, const Set& part) {
  return whole.without(part);
}

bool has(const scalar_amount& whole, const scalar_amount& part) {
  return whole >= part;
}

template <class Set>
bool has(const Set& whole, const Set& part) {
  return whole.contains(part);
}

/// Calls `f` with both alternatives if they are of one kind, else `g`.
template <class Same, class Other>
std::invoke_result_t<Other> visit_kinds(const resource_value& lhs,
                                        const resource_value& rhs, Same f,
                                        Other g) {
  using answer = std::invoke_result_t<Other>;
  return std::visit(
    [&]<class L, class R>(const L& l, const R& r) -> answer {
      if constexpr (std::is_same_v<L, R>)
        return f(l, r);
      else
        return g();
    },
    lhs, rhs);
}

} // namespace

std::string_view kind_of(const resource_value& value) {
  constexpr std::array<std::string_view, 3> names{"scalar", "ranges", "set"};
  return names[value.index()];
}

bool is_empty(const resource_value& value) {
  return std::visit(
    []<class T>(const T& what) {
      if constexpr (std::is_same_v<T, scalar_amount>)
        return what.milli() == 0;
      else
        return what.empty();
    },
    value);
}

bool contains(const resource_value& whole, const resource_value& part) {
  return visit_kinds(
    whole, part,
    [](auto& l, auto& r) {
      return has(l, r);
    },
    [] {
      return false;
    });
}

result<resource_value> sum_of(const resource_value& lhs,
                              const resource_value& rhs) {
  return visit_kinds(
    lhs, rhs,
    [](auto& l, auto& r) {
      return sum(l, r);
    },
    [&]() -> result<resource_value> {
      return other_kind(lhs, rhs);
    });
}

result<resource_value> rest_of(const resource_value& whole,
                               const resource_value& part) {
  return visit_kinds(
    whole, part,
    [](auto& l, auto& r) {
      return rest(l, r);
    },
    [&]() -> result<resource_value> {
      return other_kind(whole, part);
    });
}

resource_value common_of(const resource_value& lhs, const resource_value& rhs) {
  return visit_kinds(
    lhs, rhs,
    [](auto& l, auto& r) {
      return resource_value{common(l, r)};
    },
    [] {
      return resource_value{};
    });
}

resource_value remains_of(const resource_value& whole,
                          const resource_value& part) {
  return visit_kinds(
    whole, part,
    [](auto& l, auto& r) {
      return resource_value{remains(l, r)};
    },
    [&] {
      return whole;
    });
}

std::string to_string(const resource_value& value) {
  return std::visit(
    [](auto& what) {
      return to_string(what);
    },
    value);
}

} // namespace agora
