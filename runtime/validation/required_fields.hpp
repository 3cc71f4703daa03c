// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include <google/protobuf/message.h>

#include <optional>
#include <string>
#include <string_view>

namespace agora {

/// Messages may be nested this deep and no deeper. It is the limit that
/// Protobuf's own parser has, so only a message built in memory can exceed it.
inline constexpr int message_depth_limit = 100;

/// Returns the path of the first field, in the order of declaration, that is
/// marked `(agora.required)` and unset: `tasks[3].command.uris[0].value`. An
/// entry of a map stands as `limits["cpus"]`; entries are visited by key, so
/// the answer does not depend on hashing. A subtree deeper than
/// message_depth_limit counts as unset: the path then names its root.
///
/// What a type demands is worked out once and kept; a message whose type
/// demands nothing costs one lookup. Safe to call from any thread.
///
/// @param msg A message of a generated type, which lives as long as the
///            process does (a DynamicMessage does not).
std::optional<std::string>
first_missing_field(const google::protobuf::Message& msg);

/// Fails with invalid_argument, "ACCEPT: accept.offer_ids[0].value is missing",
/// or with too_large if `msg` is nested deeper than message_depth_limit.
///
/// @param what Names the message to whoever sent it, such as its call type.
status check_required(const google::protobuf::Message& msg,
                      std::string_view what);

} // namespace agora
