// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/resources/resources.hpp"

#include "agora/v1/resources.pb.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace agora {

using wire_resources = google::protobuf::RepeatedPtrField<v1::Resource>;

/// Resources that one message from outside may list; several may have one name.
inline constexpr size_t wire_resources_limit = 1024;

/// Adds up what `list` has, and ignores to whom it is allocated: see
/// allocation_role_of. Fails with invalid_resources, naming the resource, if
/// - there are more than wire_resources_limit, or more names than a bundle has;
/// - the value is missing, negative, above the limit of an agent, inverted,
///   overlapping or there twice, or of a kind that resources do not have;
/// - it is reserved, revocable, shared, of a resource provider, or has a
///   DiskInfo: these are not supported yet.
result<resources> resources_from_wire(const wire_resources& list);

/// The role that all of `list` is allocated to; empty if to none. Fails with
/// invalid_resources if it is not one and the same for all.
result<std::string> allocation_role_of(const wire_resources& list);

/// How resources_to_wire writes each resource.
struct wire_form {
  /// Goes to allocation_info.role; none is written if empty.
  std::string_view allocation_role = {};

  /// Writes the old field `role` too, as "*", for clients which do not have
  /// the capability RESERVATION_REFINEMENT and may look for it.
  bool with_star_role = false;
};

/// Writes one v1::Resource a name, in the order of the names.
wire_resources resources_to_wire(const resources& what, wire_form form = {});

/// Fails with invalid_resources, naming the resource, if a value is more than
/// one agent may have. For sums of values that are each within their limits.
status check_agent_limits(const resources& what);

} // namespace agora
