// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include "agora/session/tool.pb.h"

#include <cstddef>
#include <functional>

namespace agora {

/// Far more than the largest cluster has: an end for a list that never comes to
/// one.
inline constexpr size_t list_pages_limit = 10'000;

using ask_function = std::function<result<session::ToolResponse>(
  const session::ToolRequest& request)>;

/// Asks; if the answer is a list that comes in pages, asks for page after page
/// and joins them. What changes meanwhile may be in the list or not.
/// @returns what `ask` answers; errc::too_large if the list does not end.
result<session::ToolResponse> ask_all_pages(session::ToolRequest request,
                                            const ask_function& ask);

} // namespace agora
