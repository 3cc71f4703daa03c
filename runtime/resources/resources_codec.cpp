// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/resources_codec.hpp"

#include <utility>
#include <vector>

namespace agora {

namespace {

// Clients of the time before reservations had lists still send and read
// `role`, so we do too, deprecated or not.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

bool has_star_role(const v1::Resource& from) {
  return from.role() == "*"; // also if unset
}

void set_star_role(v1::Resource& to) {
  to.set_role("*");
}

#pragma GCC diagnostic pop

/// The field of `from` that we cannot honour yet, or null.
const char* unsupported_field(const v1::Resource& from) {
  if (from.has_provider_id())
    return "provider_id";
  if (from.has_reservation())
    return "reservation";
  if (from.reservations_size() > 0)
    return "reservations";
  if (from.has_disk())
    return "disk";
  if (from.has_revocable())
    return "revocable";
  if (from.has_shared())
    return "shared";
  if (!has_star_role(from))
    return "role other than \"*\"";
  return nullptr;
}

/// Fails unless exactly the value that `type` announces is there.
status check_shape(const v1::Resource& from) {
  if (!from.has_type())
    return fail(errc::invalid_resources, "the type is missing");
  auto type = from.type();
  if (type == v1::Value::TEXT)
    return fail(errc::invalid_resources, "a resource cannot be of type TEXT");
  if (from.has_scalar() != (type == v1::Value::SCALAR)
      || from.has_ranges() != (type == v1::Value::RANGES)
      || from.has_set() != (type == v1::Value::SET))
    return fail(errc::invalid_resources, "exactly the value of its type "
                                           + v1::Value::Type_Name(type)
                                           + " has to be there");
  return {};
}

/// Lifts `made` into the variant, or hands on its error.
template <class T>
result<resource_value> lift(result<T> made) {
  if (!made)
    return std::move(made.error());
  return resource_value{std::move(*made)};
}

result<resource_value> value_from_wire(const v1::Resource& from) {
  if (from.has_scalar()) {
    if (!from.scalar().has_value())
      return fail(errc::invalid_resources, "scalar.value is missing");
    return lift(scalar_amount::from_double(from.scalar().value()));
  }
  if (from.has_set())
    return lift(string_set::from_items(
      {from.set().item().begin(), from.set().item().end()}));
  std::vector<interval> intervals;
  intervals.reserve(static_cast<size_t>(from.ranges().range_size()));
  for (auto& range : from.ranges().range()) {
    if (!range.has_begin() || !range.has_end())
      return fail(errc::invalid_resources, "a range has no begin or no end");
    intervals.push_back({range.begin(), range.end()});
  }
  return lift(ranges::from_intervals(std::move(intervals)));
}

result<resources> one_from_wire(const v1::Resource& from) {
  if (auto field = unsupported_field(from))
    return fail(errc::invalid_resources,
                std::string{"field "} + field + " is not supported yet");
  if (auto err = check_shape(from))
    return err;
  auto value = value_from_wire(from);
  if (!value)
    return std::move(value.error());
  return resources::of(from.name(), std::move(*value));
}

/// What a client knows the resource by: its place, and its name if it is sane.
std::string shown(const wire_resources& list, int index) {
  auto place = "resources[" + std::to_string(index) + "]";
  auto& name = list.Get(index).name();
  return resources::of(name, scalar_amount{}) ? place + " " + name : place;
}

void value_to_wire(const scalar_amount& amount, v1::Resource& to) {
  to.set_type(v1::Value::SCALAR);
  to.mutable_scalar()->set_value(amount.to_double());
}

void value_to_wire(const ranges& numbers, v1::Resource& to) {
  to.set_type(v1::Value::RANGES);
  for (auto& item : numbers.intervals()) {
    auto range = to.mutable_ranges()->add_range();
    range->set_begin(item.first);
    range->set_end(item.last);
  }
}

void value_to_wire(const string_set& names, v1::Resource& to) {
  to.set_type(v1::Value::SET);
  for (auto& item : names.items())
    to.mutable_set()->add_item(item);
}

} // namespace

result<resources> resources_from_wire(const wire_resources& list) {
  if (static_cast<size_t>(list.size()) > wire_resources_limit)
    return fail(errc::invalid_resources,
                "more than " + std::to_string(wire_resources_limit)
                  + " resources in one list");
  resources sum;
  for (int i = 0; i < list.size(); ++i) {
    auto one = one_from_wire(list.Get(i));
    auto err = one ? sum.add(*one) : std::move(one.error());
    if (!err)
      err = check_agent_limits(sum); // here, so that no sum grows far beyond
    if (err)
      return fail(errc::invalid_resources,
                  shown(list, i) + ": " + text_of(err));
  }
  return sum;
}

result<std::string> allocation_role_of(const wire_resources& list) {
  std::string role;
  for (int i = 0; i < list.size(); ++i) {
    auto& item = list.Get(i).allocation_info().role();
    if (i == 0)
      role = item;
    else if (item != role)
      return fail(errc::invalid_resources,
                  shown(list, i)
                    + ": is allocated to another role than those before it");
  }
  return role;
}

wire_resources resources_to_wire(const resources& what, wire_form form) {
  wire_resources list;
  list.Reserve(static_cast<int>(what.size()));
  what.for_each([&](std::string_view name, const resource_value& value) {
    auto to = list.Add();
    to->set_name(name.data(), name.size());
    std::visit(
      [to](auto& alternative) {
        value_to_wire(alternative, *to);
      },
      value);
    if (form.with_star_role)
      set_star_role(*to);
    if (!form.allocation_role.empty())
      to->mutable_allocation_info()->set_role(form.allocation_role.data(),
                                              form.allocation_role.size());
  });
  return list;
}

status check_agent_limits(const resources& what) {
  status found;
  what.for_each([&](std::string_view name, const resource_value& value) {
    std::string excess;
    if (auto amount = std::get_if<scalar_amount>(&value)) {
      if (amount->milli() > scalar_amount::milli_limit)
        excess = std::to_string(scalar_amount::units_limit) + " units";
    } else if (auto numbers = std::get_if<ranges>(&value)) {
      if (numbers->intervals().size() > ranges::intervals_limit)
        excess = std::to_string(ranges::intervals_limit) + " ranges";
    } else if (std::get<string_set>(value).items().size()
               > string_set::items_limit) {
      excess = std::to_string(string_set::items_limit) + " items";
    }
    if (!excess.empty() && !found)
      found = fail(errc::invalid_resources, std::string{name}
                                              + ": more than the limit of "
                                              + excess + " an agent");
  });
  return found;
}

} // namespace agora
