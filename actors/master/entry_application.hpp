// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/cluster/cluster_state.hpp"

#include <google/protobuf/arena.h>

#include <array>
#include <cstddef>
#include <utility>

namespace agora {

/// Room on the stack for an entry as an object.
inline constexpr size_t entry_arena_bytes = 8'192;

/// Applies the next entry to `state`, and shows what came of it. Most entries
/// fit into the arena's first block, which is on the stack: no allocation, no
/// destructor.
/// @param changes Gets what changes in the stored state.
/// @param use Called with the applied_entry and the parsed entry, which end
///            with the call.
/// @returns as cluster_state::apply: this program cannot follow the log.
template <class Use>
status apply_entry(cluster_state& state, const log_entry& entry,
                   write_batch& changes, Use use) {
  alignas(8) std::array<char, entry_arena_bytes> room;
  google::protobuf::ArenaOptions first_block;
  first_block.initial_block = room.data();
  first_block.initial_block_size = room.size();
  google::protobuf::Arena arena{first_block};
  auto& parsed
    = *google::protobuf::Arena::CreateMessage<cluster::Entry>(&arena);
  auto applied = state.apply(entry, parsed, changes);
  if (!applied)
    return std::move(applied.error());
  use(*applied, parsed);
  return {};
}

} // namespace agora
