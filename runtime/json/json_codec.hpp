// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace google::protobuf {
class Message;
}

// The one translation between Protobuf messages and JSON, by reflection.
//
// Field names are the schema's own, in snake_case; enumerators go by name,
// bytes as base64, 64-bit integers as numbers: as the Mesos v1 API has it, and
// unlike Protobuf's own JSON mapping.

namespace agora {

enum class json_layout {
  /// On one line.
  compact,
  /// With line breaks and four spaces a level, for people.
  indented,
};

/// Fields that are not set are left out. Numbers that JSON cannot express (NaN,
/// infinities) become null; bytes of a string that are no UTF-8 become U+FFFD.
std::string to_json(const google::protobuf::Message& message,
                    json_layout layout = json_layout::compact);

/// As to_json, indented, for programs that go through the lists of an answer:
/// those of `message` itself are there when they are empty, too.
std::string to_json_answer(const google::protobuf::Message& message);

struct json_limits {
  size_t bytes = size_t{8} << 20;
  /// Objects and arrays within each other.
  size_t depth = 64;
};

/// Sets the fields of `message` that `text`, an object, names; null counts as
/// not named, and unknown names are skipped, since a newer client may know more
/// fields. After an error, `message` is partly set.
///
/// @returns errc::too_large, or errc::malformed_message that names the place:
///          "tasks[2].resources[0].type: no such enumerator: SCALER".
status from_json(std::string_view text, google::protobuf::Message& message,
                 const json_limits& limits = {});

} // namespace agora
