// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/interfaces.hpp"
#include "storage/store/store.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <deque>
#include <functional>

namespace agora {

struct checkpoint_writer_state {
  static inline const char* name = "checkpoint-writer";

  struct waiting {
    uint64_t ticket = 0;
    caf::typed_response_promise<caf::ok_atom> promise;
  };

  store* disk = nullptr;
  uint64_t next_ticket = 1;
  /// In the order of their tickets; bounded by the store's queue.
  std::deque<waiting> unwritten;
};

/// CHECKPOINT WRITER: the one owner of `disk`'s submit.
/// @param on_failed Called once, from the store's thread, if the disk fails.
checkpoint_writer_actor::behavior_type checkpoint_writer(
  checkpoint_writer_actor::stateful_pointer<checkpoint_writer_state> self,
  store* disk, std::function<void(const status&)> on_failed);

} // namespace agora
