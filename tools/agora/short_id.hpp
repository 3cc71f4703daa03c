// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace agora {

/// The one of `ids` that `text` means: itself, or the only one that begins or
/// ends with it. An exact id wins over longer ones.
/// @param kind For the error: "framework", "task".
/// @returns its index in `ids`; errc::not_found, or errc::conflict if several
///          are meant, which the text lists.
result<size_t> find_id(std::string_view text,
                       const std::vector<std::string>& ids,
                       const std::string& kind);

} // namespace agora
