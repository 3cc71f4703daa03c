// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace agora {

/// Tells one launch of a task from every other, also from those of the same
/// task id: where in the log it was accepted. Unset (all 0) for what comes from
/// a peer that does not say it.
struct launch_id {
  /// Of the leader that accepted it: after a restore from a backup, the log has
  /// other entries in the same places.
  uint64_t generation = 0;
  /// Of the log's entry.
  uint64_t index = 0;

  bool empty() const noexcept {
    return index == 0;
  }

  friend auto operator<=>(const launch_id&, const launch_id&) = default;
};

/// The same as session::LaunchId, which is `Wire`.
template <class Wire>
launch_id launch_id_of(const Wire& wire) {
  return {wire.generation(), wire.index()};
}

template <class Wire>
void set_wire(Wire* wire, const launch_id& id) {
  wire->set_generation(id.generation);
  wire->set_index(id.index);
}

/// For logs and messages: "1:4711".
inline std::string to_string(const launch_id& id) {
  return std::to_string(id.generation) + ":" + std::to_string(id.index);
}

} // namespace agora
