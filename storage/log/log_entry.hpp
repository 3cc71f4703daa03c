// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace agora {

/// One entry of a replicated log. What the payload means is its proposer's
/// affair: type, version and time of the command are inside.
struct log_entry {
  /// Its place: from 1, without gaps.
  uint64_t index = 0;
  /// The term in which it was proposed.
  uint64_t term = 0;
  std::string payload;

  friend bool operator==(const log_entry&, const log_entry&) = default;
};

} // namespace agora
