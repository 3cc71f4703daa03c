// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

namespace agora {

/// Every AGORA_* variable that some program of Agora reads or sets. A program
/// refuses to start with one that is not here: it would be a mistyped setting.
/// A test holds the programs' command lines to this list.
inline constexpr std::array<std::string_view, 0> known_variables = {};

} // namespace agora
