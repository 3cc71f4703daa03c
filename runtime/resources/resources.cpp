// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/resources.hpp"

#include "runtime/base/check.hpp"

#include <algorithm>
#include <utility>

namespace agora {

namespace {

/// The same error, with the name of the resource before its text.
status named(std::string_view name, const status& error) {
  return fail(errc::invalid_resources,
              std::string{name} + ": " + text_of(error));
}

bool is_name_character(char c) {
  constexpr std::string_view forbidden = ":;,()[]{}\"";
  return c > ' ' && c <= '~' && forbidden.find(c) == std::string_view::npos;
}

status check_name(std::string_view name) {
  if (name.empty())
    return fail(errc::invalid_resources, "a resource has no name");
  if (name.size() > resources::name_bytes_limit)
    return fail(errc::invalid_resources,
                "a resource has a name longer than "
                  + std::to_string(resources::name_bytes_limit) + " bytes");
  // The name is not repeated: it may hold what would garble a log.
  if (!std::all_of(name.begin(), name.end(), is_name_character))
    return fail(errc::invalid_resources,
                "a resource has a name with a space, one of :;,()[]{}\" or "
                "what is not printable ASCII");
  return {};
}

/// Nothing, of the kind of `value`.
resource_value nothing_like(const resource_value& value) {
  return std::visit(
    []<class T>(const T&) {
      return resource_value{T{}};
    },
    value);
}

} // namespace

resources resources::of_milli(int64_t cpus_milli, int64_t mem_milli,
                              int64_t disk_milli) {
  AGORA_CHECK(cpus_milli >= 0 && mem_milli >= 0 && disk_milli >= 0);
  resources made;
  made.common_[cpus_index] = cpus_milli;
  made.common_[mem_index] = mem_milli;
  made.common_[disk_index] = disk_milli;
  return made;
}

result<resources> resources::of(std::string_view name, resource_value value) {
  if (auto err = check_name(name))
    return err;
  resources made;
  auto index = common_index(name);
  if (index != common_names.size()) {
    auto amount = std::get_if<scalar_amount>(&value);
    if (amount == nullptr)
      return fail(errc::invalid_resources, std::string{name}
                                             + ": is a scalar, not "
                                             + std::string{kind_of(value)});
    made.common_[index] = amount->milli();
  } else if (!is_empty(value)) {
    made.others_.push_back({std::string{name}, std::move(value)});
  }
  return made;
}

bool resources::empty() const {
  return size() == 0;
}

size_t resources::size() const {
  auto zeros = std::count(common_.begin(), common_.end(), 0);
  return others_.size() + common_.size() - static_cast<size_t>(zeros);
}

status resources::add(const resources& other) {
  // Copying the others only if they change keeps the usual sum cheap.
  resources sum;
  sum.common_ = common_;
  if (!other.others_.empty())
    sum.others_ = others_;
  for (size_t i = 0; i < common_.size(); ++i) {
    auto total = scalar_amount::of_milli(common_[i])
                   .plus(scalar_amount::of_milli(other.common_[i]));
    if (!total)
      return fail(errc::invalid_resources,
                  std::string{common_names[i]}
                    + ": the sum is too large to be counted");
    sum.common_[i] = total->milli();
  }
  for (auto& [name, value] : other.others_) {
    auto position
      = sum.others_.begin() + (sum.lower_bound(name) - sum.others_.cbegin());
    if (position == sum.others_.end() || position->name != name) {
      sum.others_.insert(position, {name, value});
      continue;
    }
    auto total = sum_of(position->value, value);
    if (!total)
      return named(name, total.error());
    position->value = std::move(*total);
  }
  if (other.others_.empty())
    sum.others_.swap(others_); // undone below if the sum is refused
  if (sum.size() > names_limit) {
    if (other.others_.empty())
      sum.others_.swap(others_);
    return fail(errc::invalid_resources,
                "more than " + std::to_string(names_limit) + " resources");
  }
  *this = std::move(sum);
  return {};
}

status resources::subtract(const resources& other) {
  resources rest;
  for (size_t i = 0; i < common_.size(); ++i) {
    auto left = rest_of(scalar_amount::of_milli(common_[i]),
                        scalar_amount::of_milli(other.common_[i]));
    if (!left)
      return named(common_names[i], left.error());
    rest.common_[i] = std::get<scalar_amount>(*left).milli();
  }
  if (other.others_.empty()) {
    common_ = rest.common_;
    return {};
  }
  for (auto& [name, value] : other.others_) {
    if (find_other(name) == nullptr)
      return named(name, rest_of(nothing_like(value), value).error());
  }
  for (auto& [name, value] : others_) {
    auto taken = other.find_other(name);
    if (taken == nullptr) {
      rest.others_.push_back({name, value});
      continue;
    }
    auto left = rest_of(value, *taken);
    if (!left)
      return named(name, left.error());
    if (!is_empty(*left))
      rest.others_.push_back({name, std::move(*left)});
  }
  *this = std::move(rest);
  return {};
}

resources& resources::operator+=(const resources& other) {
  auto failed = static_cast<bool>(add(other));
  AGORA_CHECK(!failed);
  return *this;
}

resources& resources::operator-=(const resources& other) {
  auto failed = static_cast<bool>(subtract(other));
  AGORA_CHECK(!failed);
  return *this;
}

bool resources::contains(const resources& other) const {
  for (size_t i = 0; i < common_.size(); ++i)
    if (common_[i] < other.common_[i])
      return false;
  for (auto& [name, value] : other.others_) {
    auto here = find_other(name);
    if (here == nullptr || !agora::contains(*here, value))
      return false;
  }
  return true;
}

resources resources::intersected(const resources& other) const {
  resources made;
  for (size_t i = 0; i < common_.size(); ++i)
    made.common_[i] = std::min(common_[i], other.common_[i]);
  for (auto& [name, value] : others_) {
    auto there = other.find_other(name);
    if (there == nullptr)
      continue;
    auto both = common_of(value, *there);
    if (!is_empty(both))
      made.others_.push_back({name, std::move(both)});
  }
  return made;
}

resources resources::minus_saturated(const resources& other) const {
  resources made;
  for (size_t i = 0; i < common_.size(); ++i)
    made.common_[i] = std::max<int64_t>(common_[i] - other.common_[i], 0);
  for (auto& [name, value] : others_) {
    auto taken = other.find_other(name);
    auto left = taken == nullptr ? value : remains_of(value, *taken);
    if (!is_empty(left))
      made.others_.push_back({name, std::move(left)});
  }
  return made;
}

resources resources::scalars() const {
  resources made;
  made.common_ = common_;
  for (auto& item : others_)
    if (std::holds_alternative<scalar_amount>(item.value))
      made.others_.push_back(item);
  return made;
}

std::optional<resource_value> resources::find(std::string_view name) const {
  auto index = common_index(name);
  if (index != common_names.size()) {
    if (common_[index] == 0)
      return std::nullopt;
    return scalar_amount::of_milli(common_[index]);
  }
  auto other = find_other(name);
  return other == nullptr ? std::nullopt : std::optional{*other};
}

scalar_amount resources::scalar(std::string_view name) const {
  auto index = common_index(name);
  if (index != common_names.size())
    return scalar_amount::of_milli(common_[index]);
  auto other = find_other(name);
  auto amount = other ? std::get_if<scalar_amount>(other) : nullptr;
  return amount ? *amount : scalar_amount{};
}

ranges resources::ports() const {
  auto other = find_other("ports");
  auto ports = other ? std::get_if<ranges>(other) : nullptr;
  return ports ? *ports : ranges{};
}

size_t resources::common_index(std::string_view name) {
  auto found = std::find(common_names.begin(), common_names.end(), name);
  return static_cast<size_t>(found - common_names.begin());
}

resources::entry_list::const_iterator
resources::lower_bound(std::string_view name) const {
  return std::lower_bound(others_.begin(), others_.end(), name,
                          [](const entry& item, std::string_view wanted) {
                            return item.name < wanted;
                          });
}

const resource_value* resources::find_other(std::string_view name) const {
  auto found = lower_bound(name);
  return found == others_.end() || found->name != name ? nullptr
                                                       : &found->value;
}

} // namespace agora
