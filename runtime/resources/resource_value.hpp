// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/resources/ranges.hpp"
#include "runtime/resources/scalar_amount.hpp"
#include "runtime/resources/string_set.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace agora {

/// What there is of one resource: an amount, some numbers or some names.
using resource_value = std::variant<scalar_amount, ranges, string_set>;

/// "scalar", "ranges" or "set": the kind of `value`.
std::string_view kind_of(const resource_value& value);

/// Whether there is nothing of it, which is the same as not having it.
bool is_empty(const resource_value& value);

/// Whether both are of one kind and `part` is no more than `whole`.
bool contains(const resource_value& whole, const resource_value& part);

/// Both together. Fails with invalid_resources if the kinds differ, if an
/// amount overflows, or if a number or name is in both: it would be there
/// once and counted twice.
result<resource_value> sum_of(const resource_value& lhs,
                              const resource_value& rhs);

/// What is left of `whole` without `part`. Fails with invalid_resources if
/// `part` is not contained, and says what is missing.
result<resource_value> rest_of(const resource_value& whole,
                               const resource_value& part);

/// What is in both; nothing if the kinds differ.
resource_value common_of(const resource_value& lhs, const resource_value& rhs);

/// What is left of `whole` after all of `part` that is there has gone.
resource_value remains_of(const resource_value& whole,
                          const resource_value& part);

/// "4", "[31000-32000]" or "{a,b}"
std::string to_string(const resource_value& value);

} // namespace agora
