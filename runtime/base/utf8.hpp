// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

// Text that may come from anywhere, judged by Unicode 15, table 3-7: no
// overlong forms, no surrogates, nothing above U+10FFFF.

namespace agora {

/// Whether all of `text` is well-formed.
bool is_utf8(std::string_view text);

/// `text` with U+FFFD in place of each byte that is not part of a well-formed
/// sequence.
std::string valid_utf8(std::string_view text);

} // namespace agora
