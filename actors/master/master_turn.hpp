// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/master/body_packer.hpp"
#include "actors/master/master_actor.hpp"

#include <chrono>

namespace agora {

// The master actor's turns: messages go into the machine, and what gathers
// there is sent once all that was queued has been handled.

/// Overdue work that is rationed must not become a busy loop, nor a log that is
/// full.
inline constexpr auto master_tick_pause = std::chrono::milliseconds{20};

/// The leadership in which a question was asked; null if it is over.
master_leadership* same_leadership(master_ptr self, uint64_t number);

/// Whether this master leads, as far as it knows.
bool is_acting(master_ptr self);

/// The leading machine, told what time it is.
master_machine& machine_at_now(master_ptr self);

/// Everything that is queued behind this message is handled before the flush
/// comes: that is the batch.
void schedule_flush(master_ptr self);

/// Sends what has gathered.
void flush(master_ptr self);

/// Gives the log what it has not taken yet.
void propose_next(master_ptr self);

/// The node cannot go on: says so, and ends, so that nothing is applied behind
/// what could not be.
void end_node(master_ptr self, status why);

template <class Body, class Message, class Slot>
void send_bodies(master_ptr self, const session_actor& to,
                 std::vector<Message> messages, Slot slot) {
  for (auto& bytes : pack_bodies<Body>(std::move(messages), slot))
    self->send(to, session_body{std::move(bytes)});
}

/// To a tool; nothing if its session is over.
void send_responses(master_ptr self, session_number number,
                    std::vector<session::ToolResponse> responses);

} // namespace agora
