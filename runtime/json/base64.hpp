// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace agora {

/// RFC 4648, section 4, with padding.
std::string to_base64(std::string_view bytes);

/// Reads either alphabet of RFC 4648, with or without padding; nothing if
/// `text` is not base64.
std::optional<std::string> from_base64(std::string_view text);

} // namespace agora
