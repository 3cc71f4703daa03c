// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace agora {

/// Whether `text` is well-formed UTF-8 (RFC 3629: shortest form, no surrogates,
/// nothing above U+10FFFF). Protobuf strings and JSON hold nothing else, so
/// what is not is refused where it enters, not where it leaves.
bool is_utf8(std::string_view text);

} // namespace agora
