// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include "agora/v1/attributes.pb.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace agora {

using wire_attributes = google::protobuf::RepeatedPtrField<v1::Attribute>;

/// Attributes that one agent may have.
inline constexpr size_t attributes_limit = 256;

/// Bytes that the name, and the text, of an attribute may have.
inline constexpr size_t attribute_bytes_limit = 1024;

/// Reads `rack:r1;ssd:true;level:3.5;ports:[1-2]`: what is written as a number
/// that is not negative is SCALAR, what begins with `[` is RANGES, the rest is
/// TEXT, also "true" and "-1", as Mesos reads it. Fails with invalid_argument,
/// naming the character, if a name or value is missing or too long, a bracket
/// is misplaced, or they are too many. Sets are no values of attributes.
result<wire_attributes> parse_attributes(std::string_view text);

/// Fails with invalid_argument, naming the attribute, unless parse_attributes
/// could have made each of `list`. For lists that came from elsewhere.
status check_attributes(const wire_attributes& list);

/// The same form, in the order of `list`, which must have passed
/// check_attributes.
std::string to_string(const wire_attributes& list);

} // namespace agora
