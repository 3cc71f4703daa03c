// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace agora {

/// Which leader speaks. Every start of a leader is a new term; a restore from
/// backup raises the generation above any in use. Compared in this order:
/// whoever has seen an epoch refuses older ones (errc::stale_epoch).
struct epoch {
  /// Which life of the data; starts at 1, 0 means "none seen yet".
  uint64_t generation = 0;
  /// Which leader within that life; starts at 1, 0 means "none seen yet".
  uint64_t term = 0;

  friend auto operator<=>(const epoch&, const epoch&) = default;
};

/// "1.7": generation 1, term 7.
inline std::string to_string(const epoch& value) {
  return std::to_string(value.generation) + "." + std::to_string(value.term);
}

} // namespace agora
