// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace agora {

/// `text` with U+FFFD in place of each byte that is not part of well-formed
/// UTF-8 (Unicode 15, table 3-7).
std::string valid_utf8(std::string_view text);

} // namespace agora
